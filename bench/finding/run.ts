/**
 * `npm run bench:findings`: how long it takes from the start of a request until the finding that it raises is on record, and
 * until a webhook has it, with the gateway and the shipper in processes of their own and others at work meanwhile. Prints a table; exits
 * 1 where the goal is missed, 2 where a program is missing.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import type { Redis } from 'ioredis'
import { LOOPBACK } from '../../test/helpers/free-port.ts'
import { answerUsers } from '../../test/helpers/look-ups.ts'
import type { TestScope } from '../../test/helpers/process.ts'
import { startRedis } from '../../test/helpers/redis.ts'
import { startHttpReceiver } from '../../test/helpers/siem/http-receiver.ts'
import { startShipping } from '../../test/helpers/siem/shipper.ts'
import { searchBudgets, startWorld } from '../../test/helpers/world.ts'
import type { World } from '../../test/helpers/world.ts'
import { missingPrograms } from '../proxy/programs.ts'

/** From request to finding, 99 of 100. */
const GOAL_MS = 1_000
const PROBE_PAUSE_MS = 25
const WARM_REQUESTS = 2_000
/** So long the last may take to arrive. */
const PATIENCE_MS = 30_000
/** From one batch of the sink to the next; its default is a second. */
const SINK_PAUSE = '100ms'
const TRAP = 900_001
const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`

const { values } = parseArgs({
  options: {
    probes: { type: 'string', default: '300' },
    /** Agents at work meanwhile, each one request after the other. */
    agents: { type: 'string', default: '8' },
  },
})
const probes = Number(values.probes)
const agents = Number(values.agents)

/** When something was there, by who made the request. */
type Times = Map<string, number>

async function main(scope: AsyncDisposableStack): Promise<number> {
  const missing = missingPrograms(['redis-server'])
  if (missing.length > 0) {
    console.error(`bench:findings needs ${missing.join(' and ')}`)
    return 2
  }
  const t = { teardown: (end: () => unknown) => scope.defer(async () => void (await end())) }
  console.log(`${probes} findings, ${agents} agents at work meanwhile; milliseconds`)
  console.log('store     until            p50     p99     max   missing')
  const worst = [await measure(t, 'journal'), await measure(t, 'redis')]
  const reached = Math.max(...worst) <= GOAL_MS
  console.log(`p99 at most ${GOAL_MS} ms in every row: ${reached ? 'reached' : 'missed'}`)
  return reached ? 0 : 1
}

/** The worst p99 of this store; Infinity where a finding did not come. */
async function measure(t: TestScope, store: 'journal' | 'redis'): Promise<number> {
  const redis = store === 'redis' ? await startRedis(t) : undefined
  const world = await startWorld(t, {
    ...(redis !== undefined && { store: { redisUrl: redis.url } }),
    change: (policy) => ({ ...policy, detect: [...searchBudgets(policy), TRAP_RULE] }),
  })
  answerUsers(world)
  const shipped = await ship(t, redis?.url ?? world.gateway.journal, store)
  const recorded = redis === undefined ? undefined : read(t, redis.admin())
  const tokens = await Promise.all(Array.from({ length: probes }, (_, i) => tokenOf(world, i)))
  const answered: Times = new Map()
  const started: Times = new Map()
  const work = atWork(world)
  await work.warm
  for (const [i, token] of tokens.entries()) {
    await sleep(PROBE_PAUSE_MS)
    started.set(`probe-${i}`, performance.now())
    await ask(world, TRAP, token)
    answered.set(`probe-${i}`, performance.now())
  }
  const all = [answered, shipped, ...(recorded === undefined ? [] : [recorded])]
  for (const until = performance.now() + PATIENCE_MS; performance.now() < until; await sleep(50))
    if (all.every((times) => times.size >= probes)) break
  await work.stop()
  const rows: [string, Times | undefined][] = [
    ['the answer', answered],
    ['a reader has it', recorded],
    ['a webhook has it', shipped],
  ]
  return Math.max(
    ...rows.map(([name, times]) =>
      times === undefined ? 0 : row({ store, name }, started, times),
    ),
  )
}

const TRAP_RULE = {
  name: 'nobody has a reason to look at these',
  count: { traps: { user: [String(TRAP)] }, within: '1h' },
  // oxlint-disable-next-line unicorn/no-thenable -- a word of the policy language
  then: ['notify'],
} as const

function row(of: { store: string; name: string }, started: Times, times: Times): number {
  const taken = [...started]
    .flatMap(([who, from]) => (times.has(who) ? [(times.get(who) ?? 0) - from] : []))
    .toSorted((a, b) => a - b)
  const at = (share: number) => taken[Math.ceil(taken.length * share) - 1] ?? Number.NaN
  const columns = [at(0.5), at(0.99), at(1)].map((ms) => ms.toFixed(1).padStart(7))
  const absent = started.size - taken.length
  console.log(`${of.store.padEnd(9)} ${of.name.padEnd(16)} ${columns.join(' ')} ${absent}`)
  return absent > 0 ? Number.POSITIVE_INFINITY : at(0.99)
}

function tokenOf(world: World, i: number): Promise<string> {
  return world.token({ subject: `probe-${i}` })
}

async function ask({ gateway }: World, id: number, token: string): Promise<void> {
  const answer = await fetch(`http://${LOOPBACK}:${gateway.port}/api/v2/users/${id}`, {
    headers: { authorization: `Bearer ${token}` },
  })
  await answer.arrayBuffer()
  if (answer.status !== 200) throw new Error(`the gateway answered ${answer.status}`)
}

/** Agents who look at one user after the other, until they are stopped. */
function atWork(world: World) {
  const state = { stopped: false }
  let asked = 0
  const warm = Promise.withResolvers<void>()
  const one = async (index: number): Promise<void> => {
    const token = await world.token({ subject: `agent-${index}` })
    for (let id = index * 10_000; !state.stopped; id += 3) {
      await ask(world, id % 800_000, token)
      asked += 1
      if (asked === WARM_REQUESTS) warm.resolve()
    }
  }
  const all = Promise.all(Array.from({ length: agents }, (_, index) => one(index + 1)))
  all.catch((error: unknown) => warm.reject(error))
  const stop = async () => {
    state.stopped = true
    await all
  }
  return { warm: agents === 0 ? Promise.resolve() : warm.promise, stop }
}

/** The shipper before a webhook: when each finding was there. */
async function ship(t: TestScope, place: string, store: 'journal' | 'redis'): Promise<Times> {
  const directory = mkdtempSync(join(tmpdir(), 'celosia-bench-'))
  t.teardown(() => rmSync(directory, { recursive: true, force: true, maxRetries: 3 }))
  const times: Times = new Map()
  const receiver = await startHttpReceiver(t, ({ body }) => {
    const now = performance.now()
    for (const who of probesIn(body)) if (!times.has(who)) times.set(who, now)
    receiver.requests.length = 0
    return { status: 200 }
  })
  await startShipping(t, {
    directory,
    file: {
      version: 1,
      sinks: {
        officer: {
          webhook: { url: receiver.url, secrets: [SECRET] },
          filter: { types: ['finding'], severity: 'high' },
          batch: { pause: SINK_PAUSE },
        },
      },
    },
    store: store === 'redis' ? { redis: place } : { journal: place },
  })
  return times
}

/** Reads the stream of findings: when each was there. */
function read(t: TestScope, admin: Redis): Times {
  const times: Times = new Map()
  const state = { stopped: false }
  t.teardown(() => (state.stopped = true))
  const follow = async (): Promise<void> => {
    let last = '0'
    while (!state.stopped) {
      const answer = await admin.xread('BLOCK', 100, 'STREAMS', 'celosia:findings', last)
      const now = performance.now()
      for (const [id, fields] of answer?.[0]?.[1] ?? []) {
        last = id
        for (const who of probesIn(fields.join(' '))) if (!times.has(who)) times.set(who, now)
      }
    }
  }
  follow().catch((error: unknown) => {
    if (!state.stopped) console.error(error)
  })
  return times
}

function probesIn(text: string): readonly string[] {
  return text.match(/probe-\d+/g) ?? []
}

await using scope = new AsyncDisposableStack()
process.exitCode = await main(scope)
