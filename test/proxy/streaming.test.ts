/** Bodies that are too large to be held: windows, their records, and how they end. */
import { test } from 'tap'
import { request } from '../helpers/raw-client.ts'
import { chunkedAnswer, cutAnswer, jsonAnswer } from '../helpers/upstream-answers.ts'
import { searchBudgets, startWorld, type World } from '../helpers/world.ts'

const BODY_BYTES_MAX = 65_536
const USERS = 4_000
const SECRET = 'canary-4f1d77a0'

/** A list of users whose e-mail addresses begin with a secret. */
function users(count: number, tail = ']}'): string {
  const one = (id: number) =>
    `{"id":${id},"name":"Ada ${id}","email":"${SECRET}.${id}@example.com","user_fields":{"card_on_file":"41111111${String(10_000_000 + id)}"}}`
  return `{"users":[${Array.from({ length: count }, (_, id) => one(id)).join(',')}${tail}`
}

interface Part {
  readonly phase: string | undefined
  readonly window: number | undefined
  readonly decision: string
  readonly reasons: readonly string[]
  readonly subjects: number
  readonly emails: number
}

/** What the audit says of the request with this id, in order. */
async function parts({ gateway }: World, requestId: string | undefined): Promise<readonly Part[]> {
  const events = (await gateway.records()) as readonly Record<string, never>[]
  return events
    .filter(
      (event) =>
        event['class_uid'] === 6003 &&
        (event['api'] as unknown as { request?: { uid?: string } })?.request?.uid === requestId,
    )
    .map((event) => {
      const own =
        (event['unmapped'] as unknown as Record<string, Record<string, unknown>>)['celosia'] ?? {}
      const classes = own['classes'] as readonly { class: string; masked: number }[]
      return {
        phase: own['phase'] as string | undefined,
        window: own['window'] as number | undefined,
        decision: own['decision'] as string,
        reasons: own['reasons'] as string[],
        subjects: (own['data_subjects'] as unknown[]).length,
        emails: classes.find((entry) => entry.class === 'contact.email')?.masked ?? 0,
      }
    })
}

/** How many findings the audit holds. */
async function findingCount({ gateway }: World): Promise<number> {
  return (await gateway.records()).filter((event) => event['class_uid'] === 2004).length
}

const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0)

test('a body over the limit leaves in windows', async (t) => {
  const world = await startWorld(t, {
    change: (policy) => ({
      ...policy,
      limits: { bodyBytesMax: BODY_BYTES_MAX },
      detect: [
        ...searchBudgets(policy),
        {
          name: 'walk',
          classes: ['payment.card'],
          count: { distinct: 'dataSubject', over: 3_000, within: '10m' },
          then: ['flag', 'block'],
        },
        {
          name: 'stroll',
          classes: ['payment.card'],
          count: { distinct: 'dataSubject', over: 300, within: '10m' },
          then: ['flag'],
        },
      ],
    }),
  })
  const { upstream, gateway } = world
  const ask = async (token: string) => {
    const got = await request(gateway.port, { path: '/api/v2/users', token }, { timeoutMs: 20_000 })
    const id = got.headers.find(([name]) => name.toLowerCase() === 'celosia-request-id')?.[1]
    return { got, id }
  }

  await t.test('each window has its record, and the records add up to the answer', async (t) => {
    upstream.answer(() => jsonAnswer(users(2_500)))
    const { got, id } = await ask(await world.token({ subject: 'agent-whole' }))
    t.equal(got.status, 200)
    t.ok(got.complete)
    const answer = JSON.parse(got.body.toString()) as { users: { id: number; email: string }[] }
    t.equal(answer.users.length, 2_500)
    t.ok(answer.users.every(({ email }) => email === 'c***@example.com'))
    t.notOk(got.body.includes(SECRET))
    const records = await parts(world, id)
    t.equal(records[0]?.phase, 'opening')
    t.equal(records.at(-1)?.phase, 'closing')
    t.ok(records.length > 2, 'there are windows between')
    t.same(
      records.map(({ window }) => window),
      records.map((_, index) => index + 1),
    )
    t.equal(sum(records.map(({ emails }) => emails)), 2_500)
    const named = sum(records.map(({ subjects }) => subjects))
    t.ok(
      named >= 2_500 && named < 2_500 + records.length,
      'one that spans two windows is named twice',
    )
    const mark = got.headers.find(([name]) => name.toLowerCase() === 'celosia-masked')?.[1] ?? ''
    t.match(mark, 'contact.email')
    t.notMatch(mark, ';n=', 'the header cannot count what has not come yet')
  })

  await t.test(
    'a body found malformed midway ends the connection, and the record says so',
    async (t) => {
      upstream.answer(() => jsonAnswer(users(2_500, '],,}')))
      const { got, id } = await ask(await world.token({ subject: 'agent-broken' }))
      t.equal(got.status, 200)
      t.notOk(got.complete)
      const last = (await parts(world, id)).at(-1)
      t.match(last, { phase: 'closing', decision: 'deny', reasons: ['upstream-body-refused'] })
    },
  )

  await t.test('a body that is cut ends the connection', async (t) => {
    upstream.answer(() => cutAnswer(chunkedAnswer([users(1_000, ','), users(1_000)])))
    const { got, id } = await ask(await world.token({ subject: 'agent-cut' }))
    t.notOk(got.complete)
    t.match((await parts(world, id)).at(-1), { decision: 'deny' })
  })

  await t.test('a body malformed within the first window is refused whole', async (t) => {
    upstream.answer(() => jsonAnswer(`{"users":[,${users(2_500)}`))
    const { got } = await ask(await world.token({ subject: 'agent-early' }))
    t.equal(got.status, 502)
    t.notOk(got.bytes.includes(SECRET))
  })

  await t.test(
    'a blocking rule passed midway cuts the answer before the window that passes it',
    async (t) => {
      upstream.answer(() => jsonAnswer(users(USERS)))
      const { got, id } = await ask(await world.token({ subject: 'agent-walk' }))
      t.notOk(got.complete)
      const seen = got.body.toString().split('"id":').length - 1
      t.ok(seen <= 3_000, `${seen} data subjects left`)
      t.match((await parts(world, id)).at(-1), {
        phase: 'closing',
        decision: 'deny',
        reasons: ['lookups-exceeded'],
      })
      const findings = (await gateway.records()).filter((event) =>
        JSON.stringify(event).includes('"rule":"walk"'),
      )
      t.equal(findings.length, 1)
      t.equal((await ask(await world.token({ subject: 'agent-walk' }))).got.status, 403)
    },
  )

  await t.test(
    'a flagging rule passed midway raises one finding, whatever windows follow',
    async (t) => {
      const walks = async () =>
        (await gateway.records()).filter((event) =>
          JSON.stringify(event).includes('"rule":"stroll"'),
        )
      upstream.answer(() => jsonAnswer(users(2_500)))
      const { got } = await ask(await world.token({ subject: 'agent-flagged' }))
      t.ok(got.complete)
      const own = (await walks()).filter((event) => JSON.stringify(event).includes('agent-flagged'))
      t.equal(own.length, 1)
      t.match(
        await gateway.metrics(),
        new RegExp(`^celosia_findings_total ${await findingCount(world)}$`, 'm'),
      )
    },
  )

  await t.test('a caller who goes away midway is on record', async (t) => {
    upstream.answer(async function* () {
      yield Buffer.from(
        'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n',
      )
      const body = Buffer.from(users(2_500, ','))
      yield Buffer.from(`${body.length.toString(16)}\r\n`)
      yield body
      await new Promise((resolve) => setTimeout(resolve, 1_500))
    } as never)
    const token = await world.token({ subject: 'agent-gone' })
    const got = await request(gateway.port, { path: '/api/v2/users', token }, { timeoutMs: 600 })
    const id = got.headers.find(([name]) => name.toLowerCase() === 'celosia-request-id')?.[1]
    await new Promise((resolve) => setTimeout(resolve, 500))
    t.match((await parts(world, id)).at(-1), {
      phase: 'closing',
      decision: 'deny',
      reasons: ['request-aborted'],
    })
  })

  await t.test('nothing held is left behind, and nothing stands in logs and audit', async (t) => {
    t.match(await gateway.metrics(), /^celosia_held_bytes 0$/m)
    t.notMatch(gateway.logs(), SECRET)
    t.notMatch(JSON.stringify(await gateway.records()), SECRET)
    t.ok(gateway.alive())
  })
})
