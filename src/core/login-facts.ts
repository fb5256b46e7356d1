/** What the audit is told of a login at the gateway itself. */
import type { AuditedSubject } from './audit-facts.ts'

/** A browser that logged in at the gateway. */
export interface LoginFacts {
  readonly id: string
  readonly timeMs: number
  readonly requestId: string
  readonly subject: AuditedSubject
  /** Address of the connection's peer. */
  readonly address: string
  /** What a trusted proxy in front claimed to be the caller's. */
  readonly claimedAddress: string | undefined
  /** SHA-256 of the policy. */
  readonly policy: string
}
