/** The callers for whom the demo mints tokens, one per role of the shipped policy. */

export interface DemoSubject {
  readonly role: string
  /** JWT `sub`. */
  readonly subject: string
  /** How the subject proved who it is (RFC 8176). */
  readonly amr: readonly string[]
}

export const DEMO_SUBJECTS: readonly DemoSubject[] = [
  { role: 'agent', subject: 'agent-1', amr: ['pwd'] },
  { role: 'lead', subject: 'lead-1', amr: ['pwd', 'otp', 'mfa'] },
  { role: 'billing', subject: 'billing-1', amr: ['pwd', 'otp', 'mfa'] },
]
