/**
 * `npm run bench:audit`: what the audit costs. Records a second that the journal and Redis make durable; and the time that a
 * request takes longer by the audit, as a ratio to the same server without one. Exits 2 where a program is missing.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { openFileRecordStore } from '../../src/audit/file-record-store.ts'
import type { RecordStore } from '../../src/audit/record-store.ts'
import { openRedisRecordStore } from '../../src/audit/redis-record-store.ts'
import { freePort, LOOPBACK } from '../../test/helpers/free-port.ts'
import { startProcess, type TestScope } from '../../test/helpers/process.ts'
import { startRedis } from '../../test/helpers/redis.ts'
import { median } from '../mask/measure.ts'
import { payloads } from '../mask/payloads.ts'
import { load } from '../proxy/load.ts'
import { startOrigin } from '../proxy/origin.ts'
import { missingPrograms } from '../proxy/programs.ts'
import { measureStore } from './stores.ts'

const PROGRAMS = ['nginx', 'wrk', 'redis-server'] as const
const AUDITS = ['none', 'journal', 'redis'] as const
const AT_ONCE = [1, 64] as const
const CONNECTIONS = [1, 32] as const
const PATH = '/api/v2/users/7'
const ROOT = join(import.meta.dirname, '../..')

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '1' },
  },
})
const rounds = Number(values.rounds)
const seconds = Number(values.seconds)

interface Server {
  readonly audit: (typeof AUDITS)[number]
  readonly url: string
}

interface Cell {
  readonly audit: Server['audit']
  readonly connections: number
  readonly perSecond: number
  readonly p50: number
  readonly p99: number
}

async function main(scope: AsyncDisposableStack): Promise<number> {
  const missing = missingPrograms(PROGRAMS)
  if (missing.length > 0) {
    console.error(`bench:audit needs ${missing.join(' and ')}`)
    return 2
  }
  const directory = mkdtempSync(join(tmpdir(), 'celosia-bench-'))
  scope.defer(() => rmSync(directory, { recursive: true, force: true, maxRetries: 3 }))
  const t = { teardown: (end: () => unknown) => scope.defer(async () => void (await end())) }
  const { url: redis } = await startRedis(t)
  await stores(directory, redis)
  const files = new Map([[PATH, payloads().find(({ name }) => name === 'user')?.bytes]])
  const origin = await startOrigin(
    t,
    { directory, port: await freePort() },
    new Map([...files].map(([path, bytes]) => [path, bytes ?? Buffer.alloc(0)])),
  )
  const servers: Server[] = []
  for (const audit of AUDITS)
    servers.push(await startServer(t, audit, { directory, redis, origin }))
  await requests(servers)
  return 0
}

async function stores(directory: string, redis: string): Promise<void> {
  const journal = join(directory, 'records')
  mkdirSync(journal)
  const open: Readonly<Record<string, () => Promise<RecordStore>>> = {
    journal: () => openFileRecordStore({ directory: journal }),
    redis: () => openRedisRecordStore({ url: redis }),
  }
  console.log('store     at once   records/s   p50 ms   p99 ms')
  for (const [name, opened] of Object.entries(open)) {
    for (const atOnce of AT_ONCE) {
      progress(`${name}, ${atOnce} at once`)
      // The first run warms up, and is not counted.
      await measureStore(await opened(), atOnce, seconds)
      const { perSecond, p50, p99 } = await measureStore(await opened(), atOnce, seconds * 3)
      console.log(row([name.padEnd(9), [atOnce, 7], [perSecond, 11], [p50, 8, 2], [p99, 8, 2]]))
    }
  }
}

interface Surroundings {
  readonly directory: string
  readonly redis: string
  readonly origin: string
}

async function startServer(
  t: TestScope,
  audit: Server['audit'],
  { directory, redis, origin }: Surroundings,
): Promise<Server> {
  const port = await freePort()
  await startProcess(t, process.execPath, [join(import.meta.dirname, 'server.ts'), audit], {
    cwd: ROOT,
    env: {
      PORT: String(port),
      JOURNAL: join(directory, 'journal'),
      REDIS: redis,
      HELPDESK_URL: origin,
      HELPDESK_TOKEN: 'token',
      OIDC_ISSUER: 'https://idp.example.com',
    },
    ready: /listening/,
    readyTimeoutMs: 30_000,
  })
  return { audit, url: `http://${LOOPBACK}:${port}${PATH}` }
}

async function requests(servers: readonly Server[]): Promise<void> {
  const cells: Cell[] = []
  for (const server of servers) {
    progress(`nothing yet: warming up the server with ${server.audit}`)
    await load({ url: server.url, token: 'a.b.c', connections: 32, seconds: 3 })
  }
  for (const connections of CONNECTIONS) {
    for (let round = 1; round <= rounds; round += 1) {
      for (const { audit, url } of servers) {
        progress(`${connections} connections, round ${round} of ${rounds}: ${audit}`)
        const result = await load({ url, token: 'a.b.c', connections, seconds })
        const { requests: count, failed, us, p50, p99 } = result
        if (failed > 0 || count === 0) throw new Error(`${failed} of ${count} requests failed`)
        cells.push({ audit, connections, perSecond: count / (us / 1e6), p50, p99 })
      }
    }
  }
  report(cells)
}

function report(cells: readonly Cell[]): void {
  console.log(
    '\nconnections   audit     requests/s   p50 ms   added   to none   p99 ms   added   to none',
  )
  for (const connections of CONNECTIONS) {
    const of = (audit: Server['audit']) =>
      cells.filter((cell) => cell.connections === connections && cell.audit === audit)
    for (const audit of AUDITS) {
      const own = of(audit)
      const none = of('none')
      const compared = (what: 'p50' | 'p99'): Column[] => {
        const times = own.map((cell) => cell[what])
        // Rounds are compared one by one, so that what disturbs a round disturbs both sides.
        const added = median(times.map((ms, i) => ms - (none[i]?.[what] ?? Number.NaN)))
        const ratio = median(times.map((ms, i) => ms / (none[i]?.[what] ?? Number.NaN)))
        return [[median(times), 8, 2], [added, 7, 2], `${ratio.toFixed(2)}x`.padStart(9)]
      }
      const perSecond = median(own.map((cell) => cell.perSecond))
      const head: Column[] = [[connections, 11], ` ${audit.padEnd(9)}`, [perSecond, 11]]
      console.log(row([...head, ...compared('p50'), ...compared('p99')]))
    }
  }
}

type Column = string | readonly [value: number, width: number, digits?: number]

function row(columns: readonly Column[]): string {
  return columns
    .map((column) => {
      if (typeof column === 'string') return column
      const [value, width, digits = 0] = column
      return value.toFixed(digits).padStart(width)
    })
    .join(' ')
}

function progress(text: string): void {
  process.stderr.write(`measuring ${text}\n`)
}

await using scope = new AsyncDisposableStack()
process.exitCode = await main(scope)
