/** Tries the faults of a gateway with each kind of store, and tells them as a table. */
import { randomBytes } from 'node:crypto'
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { RecordStore } from '../../../src/audit/record-store.ts'
import { openFileRecordStore } from '../../../src/audit/file-record-store.ts'
import { openRedisRecordStore } from '../../../src/audit/redis-record-store.ts'
import { openSpooledStore } from '../../../src/audit/spool/open-spooled-store.ts'
import { loadPolicy } from '../../../src/cli/load-policy.ts'
import { tableLines } from '../../../src/cli/table.ts'
import { systemClock } from '../../../src/core/clock.ts'
import { createFallbackLookupCounter } from '../../../src/detection/fallback-lookup-counter.ts'
import type { LookupCounter } from '../../../src/detection/lookup-counter.ts'
import { createMemoryLookupCounter } from '../../../src/detection/memory-lookup-counter.ts'
import { openRedisLookupCounter } from '../../../src/detection/redis-lookup-counter.ts'
import { writingPolicy } from '../../attacks/writing-policy.ts'
import { writerOver } from '../audit-writers.ts'
import { createCanaries, type Canaries } from '../canaries.ts'
import { shippedPolicy } from '../gateway.ts'
import { userAllowedToAgents, userBody } from '../helpdesk-answers.ts'
import { startJwksServer } from '../jwks-server.ts'
import { accessClaims, makeKey, signToken } from '../keys.ts'
import type { TestScope } from '../process.ts'
import { startRedis } from '../redis.ts'
import { FaultPlan, type Fault } from './fault-plan.ts'
import { faultyUpstream, startFaultWorld } from './fault-world.ts'
import { faultyFiles, faultyRedis } from './faulty.ts'
import { tryFaults, type FaultCase, type FaultResult } from './try-faults.ts'

export type FaultStore = 'journal' | 'redis, spool' | 'redis, refuse'

export interface RunFaultsOptions {
  readonly store: FaultStore
  /** Which of the faults to try; all where it is left out. */
  readonly only?: (fault: Fault) => boolean
  readonly onResult?: (result: FaultResult) => void
}

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const BODY_BYTES_MAX = 65_536
const STREAMED_USERS = 400

/** Everything is real but the faults. Rejects where a run without a fault is not clean. */
export async function runFaults(
  t: TestScope,
  options: RunFaultsOptions,
): Promise<readonly FaultResult[]> {
  const plan = new FaultPlan()
  const canaries = createCanaries()
  const key = await makeKey('ES256')
  const { issuer } = await startJwksServer(t, [key])
  const upstream = await faultyUpstream(t, plan, (path) => bodyOf(path, canaries))
  const folder = await mkdtemp(join(tmpdir(), 'celosia-faults-'))
  t.teardown(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }))
  const policy = await compile(folder, `http://127.0.0.1:${upstream.port}`, issuer)
  const { store, counter } = await openStores(t, options.store, folder, plan)
  const audit = writerOver(store)
  t.teardown(() => audit.close().catch(() => undefined))
  const world = await startFaultWorld(t, { plan, policy, audit, counter, upstream })
  const token = await signToken(accessClaims(issuer, { realm_access: { roles: ['agent'] } }), {
    key,
  })
  return tryFaults({
    world,
    plan,
    canaries,
    cases: casesOf(token, userAllowedToAgents(canaries)),
    ...options,
  })
}

/** One row for each fault. */
export function faultTable(results: readonly FaultResult[]): readonly string[] {
  const header = ['request', 'place', 'fault', 'answer', 'ms', 'holds']
  const rows = results.map(({ request, name, occurrence, action, status, tookMs, faults }) => [
    request,
    occurrence === 1 ? name : `${name} ${occurrence}`,
    action,
    status === 0 ? 'none' : status,
    Math.round(tookMs),
    faults.length === 0 ? 'T1-T5' : faults.join('; '),
  ])
  return tableLines(header, rows)
}

async function compile(folder: string, helpdesk: string, issuer: string) {
  await cp(join(ROOT, 'config', 'fixtures'), join(folder, 'fixtures'), { recursive: true })
  const file = join(folder, 'policies.yaml')
  const { limits, ...policy } = writingPolicy(shippedPolicy())
  const document = { ...policy, limits: { ...limits, bodyBytesMax: BODY_BYTES_MAX } }
  await writeFile(file, JSON.stringify(document))
  const environment = {
    HELPDESK_URL: helpdesk,
    HELPDESK_TOKEN: 'token',
    OIDC_ISSUER: issuer,
    CELOSIA_AUDIT_KEY: randomBytes(32).toString('base64'),
  }
  return loadPolicy({ file, environment, mode: 'author' }).compiled
}

function casesOf(token: string, allowed: readonly string[]): readonly FaultCase[] {
  const head = (method: string, path: string): string =>
    `${method} ${path} HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer ${token}\r\nConnection: close\r\n\r\n`
  return [
    { name: 'read', bytes: head('GET', '/api/v2/users/7'), allowed },
    { name: 'write', bytes: head('POST', '/api/v2/tickets/9/take'), allowed },
    { name: 'stream', bytes: head('GET', '/api/v2/users'), allowed },
  ]
}

function bodyOf(path: string, canaries: Canaries): readonly string[] {
  if (path.startsWith('/api/v2/tickets')) return ['{"ticket":', `{"id":9}}`]
  const { user } = JSON.parse(userBody(canaries)) as { user: object }
  if (path !== '/api/v2/users') return ['{"user":', `${JSON.stringify(user)}}`]
  const users = Array.from({ length: STREAMED_USERS }, () => JSON.stringify(user))
  const half = users.length / 2
  return [
    '{"users":[',
    `${users.slice(0, half).join(',')},`,
    users.slice(half).join(','),
    '],"count":2}',
  ]
}

async function openStores(
  t: TestScope,
  kind: FaultStore,
  folder: string,
  plan: FaultPlan,
): Promise<{ readonly store: RecordStore; readonly counter: LookupCounter }> {
  const files = faultyFiles(plan)
  const notes = (): void => undefined
  if (kind === 'journal') {
    const store = await openFileRecordStore({ directory: join(folder, 'journal'), files, notes })
    return { store, counter: createMemoryLookupCounter() }
  }
  const redis = await startRedis(t)
  faultyRedis(t, plan)
  const spool = kind === 'redis, spool'
  const primary = await openRedisRecordStore({ url: redis.url })
  const store = await openSpooledStore(
    { primary, directory: join(folder, 'spool'), clock: systemClock, notes, files, retryMs: 100 },
    { spool, spoolBytesMax: 64 * 1024 * 1024, replicas: 0 },
  )
  const counter = createFallbackLookupCounter({
    shared: await openRedisLookupCounter({ url: redis.url }),
    local: createMemoryLookupCounter(),
    fallBack: () => spool,
    clock: systemClock,
    notes,
  })
  t.teardown(() => counter.close())
  return { store, counter }
}
