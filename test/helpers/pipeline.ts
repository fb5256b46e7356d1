/**
 * The pipeline of one policy in this process, on a real socket, with an audit store that a test lets hang or fail: for
 * what must be seen between two steps.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Writable } from 'node:stream'
import { AuditUnavailableError } from '../../src/audit/errors.ts'
import type { AuditWriter } from '../../src/audit/audit-store.ts'
import type { AuditRecord } from '../../src/core/audit-record.ts'
import { systemClock } from '../../src/core/clock.ts'
import { uuidV7 } from '../../src/core/ids.ts'
import { createMemoryLookupCounter } from '../../src/detection/memory-lookup-counter.ts'
import { createIssuerKeys } from '../../src/identity/issuer-keys.ts'
import { createMemoryLog } from '../../src/identity/shared-log/memory-shared-log.ts'
import { createMemorySessionStore } from '../../src/identity/sessions/memory-session-store.ts'
import { createMemorySpentProofs } from '../../src/identity/dpop/memory-spent-proofs.ts'
import { createTokenVerifier } from '../../src/identity/token-verifier.ts'
import { createApp } from '../../src/proxy/app.ts'
import type { App, AppServices } from '../../src/proxy/app.ts'
import { createUnknownRules } from '../../src/proxy/detect/unknown-rules.ts'
import { createHeldBytes } from '../../src/proxy/held-bytes.ts'
import { createLateRecords } from '../../src/proxy/late-records.ts'
import { createLogger } from '../../src/proxy/logger.ts'
import { createMetrics } from '../../src/proxy/metrics.ts'
import { createRefusalCounts } from '../../src/proxy/refusal-counts.ts'
import { watchGrants } from '../../src/proxy/grant-watch.ts'
import { watchRevocations } from '../../src/proxy/revocation-watch.ts'
import type { CompiledPolicy } from '../../src/rules/compiled-policy.ts'
import type { TestScope } from './process.ts'

/** What the store does with the next records. */
export type StoreMood = 'takes' | 'hangs' | 'refuses'

export interface Pipeline {
  readonly port: number
  /** What was taken, in order. */
  readonly records: readonly AuditRecord[]
  /** Sets the mood; what hangs is taken once it is another. A function is asked for each append. */
  readonly become: (mood: StoreMood | ((records: readonly AuditRecord[]) => StoreMood)) => void
  readonly services: AppServices
  readonly app: App
}

/** Starts it; ended with the test. */
export async function startPipeline(t: TestScope, policy: CompiledPolicy): Promise<Pipeline> {
  const store = moodyStore()
  const services = pipelineServices(policy, store.audit)
  const app = await createApp(services)
  const server = createServer(app.handle)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    await app.closeWhenIdle()
  })
  return {
    port: (server.address() as AddressInfo).port,
    records: store.records,
    become: store.become,
    services,
    app,
  }
}

/** What a pipeline works with beside its policy and its store, with keys for nothing and a log that nobody reads. */
export function pipelineServices(policy: CompiledPolicy, audit: AuditWriter): AppServices {
  const clock = systemClock
  const ids = uuidV7
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const log = createLogger(silent, 'silent', clock)
  const late = createLateRecords({ audit, log })
  const heldBytes = createHeldBytes(() => policy.limits.heldBytesAllMax)
  return {
    policy,
    verifier: createTokenVerifier({
      policy,
      keys: createIssuerKeys(clock),
      clock,
    }),
    audit,
    durability: () => 'strict',
    counter: createMemoryLookupCounter(),
    unknownRules: createUnknownRules(clock),
    unblocks: { start: () => Promise.resolve(), stop: () => undefined },
    proofs: createMemorySpentProofs(clock),
    sessions: createMemorySessionStore(clock),
    login: undefined,
    grants: watchGrants({ grantLog: createMemoryLog().open(), late, clock, log }),
    revocations: watchRevocations({
      revocationLog: createMemoryLog().open(),
      late,
      clock,
      log,
    }),
    auditPseudonymizer: { version: 1, pseudonym: (kind, id) => `${kind}|${id}` },
    sealer: undefined,
    heldBytes,
    refusals: createRefusalCounts({ audit, clock, ids, log, policy: () => policy.sha256 }),
    late,
    metrics: createMetrics(heldBytes.held),
    log,
    clock,
    ids,
  }
}

function moodyStore() {
  const records: AuditRecord[] = []
  let mood: StoreMood | ((records: readonly AuditRecord[]) => StoreMood) = 'takes'
  let awake = Promise.withResolvers<void>()
  const audit: AuditWriter = {
    append: async (some) => {
      const now = typeof mood === 'string' ? mood : mood(some)
      if (now === 'refuses') throw new AuditUnavailableError('The store refuses')
      if (now === 'hangs') await awake.promise
      records.push(...some)
    },
    health: () => Promise.resolve({ ok: true, problem: undefined, durability: 'strict' }),
    problem: () => undefined,
    close: () => Promise.resolve(),
  }
  return {
    audit,
    records,
    become: (next: typeof mood) => {
      mood = next
      awake.resolve()
      awake = Promise.withResolvers<void>()
    },
  }
}
