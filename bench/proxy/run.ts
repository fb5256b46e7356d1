/**
 * `npm run bench:proxy`: what the gateway costs, as CPU time of its process for one request, against plain
 * @fastify/http-proxy in the same place. Prints a table; exits 1 where the goal is missed, 2 where a program is missing.
 *
 * The goal is about the checks of a request and of its answer on the plain path, `checks` to `plain` (see target.ts for what
 * they are). What the whole costs is told without a goal: signatures, masking and durable records have their price.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { freePort } from '../../test/helpers/free-port.ts'
import { startJwksServer } from '../../test/helpers/jwks-server.ts'
import { accessClaims, makeKey, signToken } from '../../test/helpers/keys.ts'
import { median } from '../mask/measure.ts'
import { payloads } from '../mask/payloads.ts'
import { cpuMicroseconds, load } from './load.ts'
import { startOrigin } from './origin.ts'
import { missingPrograms } from './programs.ts'
import { startTarget, TARGETS, type Target, type TargetName } from './targets.ts'

/** Most that the checks may add to the CPU time of a request. */
const GOAL = 1.1
/** A target is warm after so many requests, or after so many seconds: V8 compiles what is hot, in threads of the process. */
const WARM_REQUESTS = 40_000
const WARM_SECONDS_MAX = 8
const TOKEN_LIFE_S = 3_600
const PROGRAMS = ['nginx', 'wrk'] as const
const ASKED = [
  { payload: 'user', path: '/api/v2/users/7', query: '', connections: 32 },
  { payload: 'ticket', path: '/api/v2/tickets/7', query: '', connections: 32 },
  { payload: 'list', path: '/api/v2/tickets', query: '?page=1&per_page=100', connections: 16 },
] as const

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '1' },
    payloads: { type: 'string', default: ASKED.map(({ payload }) => payload).join(',') },
    targets: { type: 'string', default: TARGETS.join(',') },
    'cpu-prof': { type: 'string' },
  },
})
const rounds = Number(values.rounds)
const seconds = Number(values.seconds)
const asked = ASKED.filter(({ payload }) => values.payloads.split(',').includes(payload))
const names = TARGETS.filter((name) => values.targets.split(',').includes(name))

/** One run of the load on one target. */
interface Cell {
  readonly target: TargetName
  readonly payload: string
  readonly cpuUs: number
  readonly perSecond: number
  readonly p99: number
}

async function main(scope: AsyncDisposableStack): Promise<number> {
  const missing = missingPrograms(PROGRAMS)
  if (missing.length > 0) {
    console.error(
      `bench:proxy needs ${missing.join(' and ')}; on Debian: apt-get install ${missing.join(' ')}`,
    )
    return 2
  }
  const directory = mkdtempSync(join(tmpdir(), 'celosia-bench-'))
  scope.defer(() => rmSync(directory, { recursive: true, force: true, maxRetries: 3 }))
  const t = {
    teardown: (end: () => unknown) => scope.defer(async () => void (await end())),
  }
  const key = await makeKey('ES256')
  const { issuer } = await startJwksServer(t, [key])
  const bytes = new Map(payloads().map((one) => [one.name, one.bytes]))
  const originUrl = await startOrigin(
    t,
    { directory, port: await freePort() },
    new Map(ASKED.map(({ path, payload }) => [path, bytes.get(payload) ?? Buffer.alloc(0)])),
  )
  const profiles = values['cpu-prof']
  if (profiles !== undefined) mkdirSync(profiles, { recursive: true })
  const targets: Target[] = []
  for (const name of names)
    targets.push(await startTarget(t, name, { directory, originUrl, issuer, profiles }))
  const now = Number(accessClaims(issuer)['iat'])
  const token = await signToken(accessClaims(issuer, { exp: now + TOKEN_LIFE_S }), { key })
  for (const target of targets) await warmUp(target, token)
  const cells: Cell[] = []
  for (const one of asked) {
    // The first round warms up for this payload, and is not counted.
    for (let round = 0; round <= rounds; round += 1) {
      for (const target of targets) {
        progress(`${one.payload}, round ${round} of ${rounds}: ${target.name}`)
        const cell = await measured(target, one, token)
        if (round > 0) cells.push(cell)
      }
    }
  }
  for (const { payload } of asked)
    console.log(`${payload}: ${bytes.get(payload)?.length ?? 0} bytes`)
  return report(cells)
}

function progress(text: string): void {
  process.stderr.write(`measuring ${text}\n`)
}

async function warmUp(target: Target, token: string): Promise<void> {
  progress(`nothing yet: warming up ${target.name}`)
  const { path, connections } = ASKED[0]
  const url = target.url + path
  for (let second = 0, sum = 0; second < WARM_SECONDS_MAX && sum < WARM_REQUESTS; second += 1)
    sum += (await load({ url, token, connections, seconds: 1 })).requests
}

async function measured(
  target: Target,
  { payload, path, query, connections }: (typeof ASKED)[number],
  token: string,
): Promise<Cell> {
  const before = cpuMicroseconds(target.pid)
  const { requests, failed, us, p99 } = await load({
    url: target.url + path + query,
    token,
    connections,
    seconds,
  })
  const cpuUs = (cpuMicroseconds(target.pid) - before) / requests
  if (failed > 0 || requests === 0)
    throw new Error(`${target.name}: ${failed} of ${requests} requests for ${payload} failed`)
  return { target: target.name, payload, cpuUs, perSecond: requests / (us / 1e6), p99 }
}

function report(cells: readonly Cell[]): number {
  console.log('payload  target      CPU us/request   to plain   requests/s   p99 ms')
  const ratios = new Map<string, number>()
  for (const { payload } of asked) {
    const of = (name: TargetName) =>
      cells.filter((cell) => cell.payload === payload && cell.target === name)
    for (const name of names) {
      const own = of(name)
      // Rounds are compared one by one, so that what disturbs a round disturbs both sides of the ratio.
      const ratio = median(own.map(({ cpuUs }, i) => cpuUs / (of('plain')[i]?.cpuUs ?? Number.NaN)))
      ratios.set(`${payload} ${name}`, ratio)
      const columns = [
        payload.padEnd(8),
        name.padEnd(11),
        median(own.map(({ cpuUs }) => cpuUs))
          .toFixed(1)
          .padStart(14),
        `${ratio.toFixed(2)}x`.padStart(10),
        median(own.map(({ perSecond }) => perSecond))
          .toFixed(0)
          .padStart(12),
        median(own.map(({ p99 }) => p99))
          .toFixed(1)
          .padStart(8),
      ]
      console.log(columns.join(' '))
    }
  }
  return names.includes('plain') && names.includes('checks') ? judge(ratios) : 0
}

function judge(ratios: ReadonlyMap<string, number>): number {
  const missed = asked
    .map(({ payload }) => ({ payload, ratio: ratios.get(`${payload} checks`) ?? Number.NaN }))
    .filter(({ ratio }) => !(ratio <= GOAL))
  for (const { payload, ratio } of missed)
    console.log(`missed: the checks cost ${ratio.toFixed(2)}x on ${payload}; the goal is ${GOAL}x`)
  if (missed.length === 0) console.log(`the goal holds: the checks cost at most ${GOAL}x`)
  return missed.length === 0 ? 0 : 1
}

await using scope = new AsyncDisposableStack()
process.exitCode = await main(scope)
