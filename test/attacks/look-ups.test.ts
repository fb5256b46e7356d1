/** Section J: looking at many without being noticed. */
import { test } from 'tap'
import type { DetectDocument } from '../../src/rules/policy/detect-document.ts'
import { userBody } from '../helpers/helpdesk-answers.ts'
import { jsonAnswer } from '../helpers/upstream-answers.ts'
import { searchBudgets, startWorld } from '../helpers/world.ts'
import type { World } from '../helpers/world.ts'
import { createTally, get, runAttacks, summarize } from './attack-table.ts'
import type { Attack } from './attack-table.ts'

const OVER = 3
const RULE: DetectDocument = {
  name: 'many customers',
  count: { distinct: 'dataSubject', over: OVER, within: '30d' },
  // oxlint-disable-next-line unicorn/no-thenable -- a word of the policy language
  then: ['flag', 'block'],
}

test('section J: who looks too much', async (t) => {
  const world = await startWorld(t, {
    change: (policy) => ({ ...policy, detect: [...searchBudgets(policy), RULE] }),
  })
  const rows = [
    ...(await spreadRows(world)),
    ...(await listRows(world)),
    ...(await burstRows(world)),
    ...(await doorRows(world)),
  ]
  const tally = await runAttacks(t, world, rows, createTally())
  const findings = (await world.gateway.records()).filter((event) => event['class_uid'] === 2004)
  const who = findings.map((event) => (event['actor'] as { user: { uid: string } }).user.uid)
  t.same(who.toSorted(), ['burst', 'doors', 'lists', 'pages', 'spread'], 'one finding of each')
  summarize(t, tally)
})

const user = (bearer: string, id: number) =>
  get(`/api/v2/users/${id}`, `Authorization: Bearer ${bearer}`)

/** Another token and another session for each look; the upstream is not asked for the one too many. */
async function spreadRows(world: World): Promise<readonly Attack[]> {
  const rows: Attack[] = []
  for (let id = 1; id <= OVER + 2; id += 1) {
    const claims = { sid: `session ${id}`, jti: `token ${id}` }
    const send = user(await world.token({ subject: 'spread', claims }), id)
    const within = id <= OVER
    rows.push({
      id: 'J107',
      name: `token ${id}`,
      send,
      expect: [within ? 'permit' : 'lookups-exceeded'],
      upstream: within ? 1 : 0,
    })
  }
  const other = user(await world.token({ subject: 'somebody else' }), 1)
  rows.push({ id: 'J112', name: 'another agent goes on', send: other, expect: ['permit'] })
  return rows
}

/** Many in one answer: what it exposes counts, and what is too much does not leave. */
async function listRows(world: World): Promise<readonly Attack[]> {
  const list = (...ids: readonly number[]) => {
    const users: unknown[] = ids.map(
      (id) => (JSON.parse(userBody(world.canaries, id)) as { user: unknown }).user,
    )
    return jsonAnswer(JSON.stringify({ users, count: users.length }))
  }
  const ask = async (subject: string) =>
    get('/api/v2/users?page=1', `Authorization: Bearer ${await world.token({ subject })}`)
  const refused = { expect: ['lookups-exceeded'] as const, upstream: 1 }
  return [
    { id: 'J108', name: 'a list', send: await ask('lists'), answer: list(1, 2, 3, 4), ...refused },
    {
      id: 'J108',
      name: 'a page',
      send: await ask('pages'),
      answer: list(1, 2),
      expect: ['permit'],
    },
    { id: 'J108', name: 'the next page', send: await ask('pages'), answer: list(3, 4), ...refused },
  ]
}

/** All at once on one connection: as many as the threshold are asked for, and no more. */
async function burstRows(world: World): Promise<readonly Attack[]> {
  const bearer = await world.token({ subject: 'burst' })
  const looks = Array.from({ length: 8 }, (_, i) => user(bearer, i + 1))
  const expect = looks.map((_, i) =>
    i < OVER ? ('permit' as const) : ('lookups-exceeded' as const),
  )
  return [{ id: 'J110', name: 'a burst', send: Buffer.concat(looks), expect, upstream: OVER }]
}

/** The same people by other routes are the same people; others by other routes are others. */
async function doorRows(world: World): Promise<readonly Attack[]> {
  const bearer = await world.token({ subject: 'doors' })
  const row = (name: string, send: Buffer, allowed: boolean): Attack => ({
    id: 'J107',
    name,
    send,
    expect: [allowed ? 'permit' : 'lookups-exceeded'],
    upstream: allowed ? 1 : 0,
  })
  const again = Array.from({ length: 4 }, (_, i) =>
    row(`one person, look ${i + 1}`, user(bearer, 1), true),
  )
  return [
    ...again,
    row('another', user(bearer, 2), true),
    row('a third', user(bearer, 3), true),
    row('one too many', user(bearer, 4), false),
    row('who was seen before', user(bearer, 1), false),
  ]
}
