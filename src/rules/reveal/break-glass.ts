/** Break-glass: classes that nobody sees without a second person's consent, for a limited time. Data only. */
import type { AssuranceLevel } from '../trust.ts'

export interface BreakGlassRules {
  /** Who may approve, by name. */
  readonly approvers: ReadonlyMap<string, Approver>
  readonly grants: readonly BreakGlassGrant[]
}

export interface Approver {
  readonly name: string
  /** Public key: Ed25519, SPKI in DER, base64. */
  readonly key: string
  /** JWT `sub` of the approver, where that is one of an agent: nobody approves for themselves. */
  readonly subject: string | undefined
}

/** What one role may be granted. */
export interface BreakGlassGrant {
  readonly role: string
  readonly classes: ReadonlySet<string>
  /** Longest time. */
  readonly forMs: number
  readonly assurance: AssuranceLevel | undefined
}
