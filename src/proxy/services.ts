/** What the pipeline works with: handed in by the composition root, the same for all requests under one policy. */
import type { AuditWriter } from '../audit/audit-store.ts'
import type { Clock } from '../core/clock.ts'
import type { IdSource } from '../core/ids.ts'
import type { LookupCounter } from '../detection/lookup-counter.ts'
import type { SpentProofs } from '../identity/dpop/spent-proofs.ts'
import type { Grants } from '../identity/grants/grants.ts'
import type { Revocations } from '../identity/revocation/revocations.ts'
import type { LoginClient } from '../identity/sessions/login-client.ts'
import type { SessionStore } from '../identity/sessions/session-store.ts'
import type { TokenVerifier } from '../identity/token-verifier.ts'
import type { CompiledPolicy } from '../rules/compiled-policy.ts'
import type { Pseudonymizer } from '../rules/pseudonymizer.ts'
import type { LateRecords } from './late-records.ts'
import type { Sealer } from '../rules/sealer.ts'
import type { UnknownRules } from './detect/unknown-rules.ts'
import type { HeldBytes } from './held-bytes.ts'
import type { Logger } from './logger.ts'
import type { Metrics } from './metrics.ts'
import type { RefusalCounts } from './refusal-counts.ts'
import type { UnblockWatch } from './unblocks/unblock-watch.ts'
import type { Breaker } from './self-test/breaker.ts'
import type { UpstreamClients } from './upstream-clients.ts'

export interface Services {
  readonly policy: CompiledPolicy
  readonly verifier: TokenVerifier
  readonly audit: AuditWriter
  /** `relaxed` where the store is weaker than promised: every record then says so. */
  readonly durability: () => 'strict' | 'relaxed'
  readonly counter: LookupCounter
  readonly unknownRules: UnknownRules
  readonly unblocks: UnblockWatch
  readonly revocations: Revocations
  readonly grants: Grants
  readonly proofs: SpentProofs
  readonly sessions: SessionStore
  /** Undefined: the policy lets nobody log in at the gateway. */
  readonly login: LoginClient | undefined
  /** Of the audit key; undefined where no route names data subjects. */
  readonly auditPseudonymizer: Pseudonymizer | undefined
  /** Of the key for cursors; undefined where the policy has none. */
  readonly sealer: Sealer | undefined
  readonly clients: UpstreamClients
  readonly breaker: Breaker
  readonly heldBytes: HeldBytes
  readonly refusals: RefusalCounts
  readonly late: LateRecords
  readonly metrics: Metrics
  readonly log: Logger
  readonly clock: Clock
  readonly ids: IdSource
}
