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
import { createMemorySpentProofs } from '../../../src/identity/dpop/memory-spent-proofs.ts'
import { openRedisSpentProofs } from '../../../src/identity/dpop/redis-spent-proofs.ts'
import type { SpentProofs } from '../../../src/identity/dpop/spent-proofs.ts'
import { createIssuerKeys } from '../../../src/identity/issuer-keys.ts'
import { createLoginClient } from '../../../src/identity/sessions/login-client.ts'
import { createMemorySessionStore } from '../../../src/identity/sessions/memory-session-store.ts'
import { openRedisSessionStore } from '../../../src/identity/sessions/redis-session-store.ts'
import type { SessionStore } from '../../../src/identity/sessions/session-store.ts'
import { writingPolicy } from '../../attacks/writing-policy.ts'
import { writerOver } from '../audit-writers.ts'
import { createCanaries, type Canaries } from '../canaries.ts'
import { shippedPolicy } from '../gateway.ts'
import { userAllowedToAgents, userBody } from '../helpdesk-answers.ts'
import { startJwksServer } from '../jwks-server.ts'
import { accessClaims, makeKey, signToken, type TestKey } from '../keys.ts'
import type { TestScope } from '../process.ts'
import { boundTo, makeProof } from '../proofs.ts'
import { startRedis } from '../redis.ts'
import { FaultPlan, type Fault } from './fault-plan.ts'
import { faultyUpstream, startFaultWorld } from './fault-world.ts'
import { faultyFiles, faultyRedis } from './faulty.ts'
import { requestHead } from './request-head.ts'
import { sessionCases } from './session-cases.ts'
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
/** Where callers with bound tokens find the gateway. */
const ORIGIN = 'https://gateway.example.com'
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
  const { policy, sealer, rules } = await compile(folder, upstream.port, issuer)
  const { store, ...stores } = await openStores(t, options.store, folder, plan)
  const audit = writerOver(store)
  t.teardown(() => audit.close().catch(() => undefined))
  const login = createLoginClient({
    rules,
    keys: createIssuerKeys(systemClock),
    clock: systemClock,
  })
  const own = { ...stores, sealer, login }
  const world = await startFaultWorld(t, { plan, policy, audit, upstream, ...own })
  const roles = { realm_access: { roles: ['agent'] } }
  const held = await makeKey('ES256')
  const token = await signToken(accessClaims(issuer, roles), { key })
  const bound = await signToken(accessClaims(issuer, { ...roles, ...(await boundTo(held)) }), {
    key,
  })
  const idToken = await signToken(accessClaims(issuer, { ...roles, aud: rules.clientId }), { key })
  const allowed = userAllowedToAgents(canaries)
  const parts = { policy, sealer, sessions: stores.sessions, clock: systemClock }
  return tryFaults({
    world,
    plan,
    canaries,
    cases: [
      ...casesOf({ token, bound, key: held }, allowed),
      ...sessionCases({ idToken, parts, page: ORIGIN, allowed }),
    ],
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

async function compile(folder: string, helpdeskPort: number, issuer: string) {
  await cp(join(ROOT, 'config', 'fixtures'), join(folder, 'fixtures'), { recursive: true })
  const file = join(folder, 'policies.yaml')
  const { limits, ...policy } = writingPolicy(shippedPolicy())
  const document = {
    ...policy,
    publicUrl: ORIGIN,
    keys: { ...policy.keys, cursor: { version: 1, env: 'CURSOR_KEY' } },
    identity: {
      ...policy.identity,
      issuers: policy.identity.issuers.map((one) => ({ ...one, logout: { audience: 'desk' } })),
      dpop: { origins: [ORIGIN] },
      revocation: {},
    },
    session: {
      issuer: policy.identity.issuers[0]?.issuer,
      clientId: 'desk',
      clientSecret: 'secret',
      origins: [ORIGIN],
      returnTo: [`${ORIGIN}/`],
    },
    limits: { ...limits, bodyBytesMax: BODY_BYTES_MAX },
  }
  await writeFile(file, JSON.stringify(document))
  const environment = {
    HELPDESK_URL: `http://127.0.0.1:${helpdeskPort}`,
    HELPDESK_TOKEN: 'token',
    OIDC_ISSUER: issuer,
    CELOSIA_AUDIT_KEY: randomBytes(32).toString('base64'),
    CURSOR_KEY: randomBytes(32).toString('base64'),
  }
  const { compiled, sealer } = loadPolicy({ file, environment, mode: 'author' })
  if (sealer === undefined || compiled.session === undefined)
    throw new Error('the policy has sessions')
  return { policy: compiled, sealer, rules: compiled.session }
}

interface Tokens {
  readonly token: string
  /** Bound to this key. */
  readonly bound: string
  readonly key: TestKey
}

function casesOf({ token, bound, key }: Tokens, allowed: readonly string[]): readonly FaultCase[] {
  const plain = (method: string, path: string) => () =>
    Promise.resolve(requestHead(method, path, `Authorization: Bearer ${token}`))
  const path = '/api/v2/users/7'
  const proven = async (): Promise<string> => {
    const proof = await makeProof({ key, token: bound, url: ORIGIN + path })
    return requestHead('GET', path, `Authorization: DPoP ${bound}`, `DPoP: ${proof}`)
  }
  return [
    { name: 'read', bytes: plain('GET', path), allowed },
    { name: 'write', bytes: plain('POST', '/api/v2/tickets/9/take'), allowed },
    { name: 'stream', bytes: plain('GET', '/api/v2/users'), allowed },
    { name: 'bound token', bytes: proven, allowed },
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

interface Stores {
  readonly store: RecordStore
  readonly counter: LookupCounter
  readonly proofs: SpentProofs
  readonly sessions: SessionStore
}

async function openStores(
  t: TestScope,
  kind: FaultStore,
  folder: string,
  plan: FaultPlan,
): Promise<Stores> {
  const files = faultyFiles(plan)
  const notes = (): void => undefined
  if (kind === 'journal') {
    const store = await openFileRecordStore({ directory: join(folder, 'journal'), files, notes })
    const proofs = createMemorySpentProofs(systemClock)
    const sessions = createMemorySessionStore(systemClock)
    return { store, counter: createMemoryLookupCounter(), proofs, sessions }
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
  const proofs = await openRedisSpentProofs({ url: redis.url })
  const sessions = await openRedisSessionStore({ url: redis.url })
  t.teardown(() => Promise.all([counter.close(), proofs.close(), sessions.close()]))
  return { store, counter, proofs, sessions }
}
