/** What requests are answered with, whatever the policy in force: stores, counts, logs that are followed. */
import type { ChainedWriter } from '../audit/chain/chain-writer.ts'
import type { Clock } from '../core/clock.ts'
import type { IdSource } from '../core/ids.ts'
import type { LookupCounter } from '../detection/lookup-counter.ts'
import type { SpentProofs } from '../identity/dpop/spent-proofs.ts'
import type { SessionStore } from '../identity/sessions/session-store.ts'
import type { SharedLogs } from '../identity/shared-log/shared-log.ts'
import type { CompiledPolicy } from '../rules/compiled-policy.ts'
import { createUnknownRules } from './detect/unknown-rules.ts'
import { watchGrants } from './grant-watch.ts'
import { createHeldBytes } from './held-bytes.ts'
import { createLateRecords } from './late-records.ts'
import type { Logger } from './logger.ts'
import { createMetrics } from './metrics.ts'
import { createRefusalCounts } from './refusal-counts.ts'
import { watchRevocations } from './revocation-watch.ts'
import type { Services } from './services.ts'
import { watchUnblocks } from './unblocks/unblock-watch.ts'
import type { StoreWatch } from './store-watch.ts'

/** What requests are answered with under any policy. */
export type SharedServices = Omit<
  Services,
  'policy' | 'verifier' | 'login' | 'auditPseudonymizer' | 'sealer' | 'clients' | 'breaker'
>

/** Where what all policies have in common is kept and counted. */
export interface SharedParts {
  readonly audit: ChainedWriter
  readonly counter: LookupCounter
  readonly logs: SharedLogs
  readonly proofs: SpentProofs
  readonly sessions: SessionStore
  readonly log: Logger
  readonly clock: Clock
  readonly ids: IdSource
}

/** Made once; a policy that is loaded later finds the same. Nothing is followed before it is started. */
export function sharedServices(
  { audit: chain, counter, logs, proofs, sessions, log, clock, ids }: SharedParts,
  { audit, durability }: StoreWatch,
  inForce: () => CompiledPolicy | undefined,
  retentionMs: () => number | undefined = () => undefined,
): SharedServices {
  const heldBytes = createHeldBytes(() => inForce()?.limits.heldBytesAllMax ?? 0)
  const metrics = createMetrics(heldBytes.held, () => {
    const { lastMs, anchoredMs } = chain.checkpointTimes()
    const spooledBytes = chain.spooledBytes()
    return { checkpointMs: lastMs, anchoredMs, spooledBytes, retentionMs: retentionMs() }
  })
  const policy = () => inForce()?.sha256 ?? ''
  const refusals = createRefusalCounts({ audit, clock, ids, log, policy })
  const late = createLateRecords({ audit, log })
  const revocations = watchRevocations({ revocationLog: logs.revocations, late, clock, log })
  const grants = watchGrants({ grantLog: logs.grants, late, clock, log })
  const unblockLog = logs.unblocks
  const unblocks = watchUnblocks({ unblockLog, counter, late, clock, log, inForce })
  return {
    audit,
    durability,
    counter,
    unknownRules: createUnknownRules(clock),
    unblocks,
    revocations,
    grants,
    proofs,
    sessions,
    heldBytes,
    refusals,
    late,
    metrics,
    log,
    clock,
    ids,
  }
}
