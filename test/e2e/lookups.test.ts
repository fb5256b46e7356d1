/** Look-up rules that block: also a burst gets no more than the threshold, with the counters of either store. */
import { test } from 'tap'
import type { Test } from 'tap'
import { userBody } from '../helpers/helpdesk-answers.ts'
import { requirePeer } from '../helpers/peers.ts'
import { request } from '../helpers/raw-client.ts'
import { startRedis } from '../helpers/redis.ts'
import { jsonAnswer } from '../helpers/upstream-answers.ts'
import { searchBudgets, startWorld, type World } from '../helpers/world.ts'

const OVER = 5
const BURST = 50

type Change = NonNullable<NonNullable<Parameters<typeof startWorld>[1]>['change']>

const withBlock: Change = (policy) => ({
  ...policy,
  detect: [
    ...searchBudgets(policy),
    {
      name: 'many cards',
      classes: ['payment.card'],
      count: { distinct: 'dataSubject', over: OVER, within: '10m' },
      then: ['flag', 'block'],
    },
  ],
})

test('look-ups are blocked at the threshold, counted in memory', async (t) => {
  await assertBlocks(t, await startWorld(t, { change: withBlock }))
})

test('look-ups are blocked at the threshold, counted in Redis', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const redis = await startRedis(t)
  const store = { redisUrl: redis.url }
  await assertBlocks(t, await startWorld(t, { change: withBlock, store }))
})

interface Exposed {
  readonly data_subjects: readonly {
    readonly kind: string
    readonly classes: readonly { readonly shown: number }[]
  }[]
}

test('look-ups of data that says nowhere whose it is count for whom the path names', async (t) => {
  const { gateway, upstream, canaries, token } = await startWorld(t, {
    change: (policy) => {
      const match = 'GET /api/v2/users/{id:integer}/cards'
      const dataSubjects = [
        { kind: 'user', at: '$.shared[*]', id: '@.owner' },
        { kind: 'user', request: 'path.id' },
      ]
      const fields = { 'payment.card': '$..card' }
      const route = { match, upstream: 'helpdesk', dataSubjects, fields, fixture: 'none' }
      return { ...withBlock(policy), routes: [...policy.routes, route] }
    },
  })
  const card = canaries.make('card', 'cards')
  upstream.answer(jsonAnswer({ card, shared: [{ owner: 1, card }, { card }] }))
  const bearer = await token({ roles: ['billing'] })
  const statuses: number[] = []
  for (let id = 1; id <= OVER + 1; id += 1) {
    const path = `/api/v2/users/${id}/cards`
    statuses.push((await request(gateway.port, { path, token: bearer })).status)
  }
  t.same(statuses, [...Array(OVER).fill(200), 403], 'one more than the threshold gets nothing')
  const second = (await gateway.records()).filter((event) => event['http_request'])[1]
  const { data_subjects: subjects } = (second as unknown as { unmapped: { celosia: Exposed } })
    .unmapped.celosia
  t.same(
    subjects.map(({ kind, classes }) => [kind, classes[0]?.shown]),
    [
      ['user', 1],
      ['user', 2],
    ],
    'what the answer says of another is theirs; the rest is of the one in the path',
  )
})

async function assertBlocks(t: Test, world: World): Promise<void> {
  const { gateway, upstream, canaries } = world
  upstream.answer(({ target }) => jsonAnswer(userBody(canaries, Number(target.split('/').at(-1)))))
  const look = async (id: number, subject: string) =>
    request(
      gateway.port,
      { path: `/api/v2/users/${id}`, token: await world.token({ subject }) },
      { timeoutMs: 20_000 },
    )

  await t.test('one after the other', async (row) => {
    const statuses: number[] = []
    for (let id = 1; id <= OVER; id += 1) statuses.push((await look(id, 'patient')).status)
    statuses.push((await look(1, 'patient')).status)
    row.same(statuses, Array(OVER + 1).fill(200), 'up to the threshold, and the same again')
    const over = await look(100, 'patient')
    row.equal(over.status, 403)
    row.match(over.body.toString(), /"reason":"lookups-exceeded"/)
    const asked = upstream.requests.length
    row.equal((await look(101, 'patient')).status, 403)
    row.equal(upstream.requests.length, asked, 'the upstream is not asked any more')
    row.equal((await look(1, 'patient')).status, 403, 'nor for one who was seen before')
    row.equal((await look(1, 'somebody else')).status, 200, 'another agent is not blocked')
  })
  await t.test('J110 a burst', async (row) => {
    const answers = await Promise.all(Array.from({ length: BURST }, (_, i) => look(i + 1, 'burst')))
    const shown = answers.filter(({ status }) => status === 200).length
    row.equal(shown, OVER, 'as many as the threshold, and no more')
    row.same([...new Set(answers.map(({ status }) => status))].toSorted(), [200, 403])
  })
  await t.test('each of the two has one finding', async (row) => {
    const findings = (await gateway.records()).filter((event) => event['class_uid'] === 2004)
    const subjects = findings.map((event) => (event['actor'] as { user: { uid: string } }).user.uid)
    row.same(subjects, ['patient', 'burst'])
    row.match(findings[0], {
      unmapped: { celosia: { actions: ['flag', 'block'], observed: OVER + 1 } },
    })
  })
}
