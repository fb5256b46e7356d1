/** The callers for whom the demo mints tokens: one per role of the shipped policy, and two who lack something. */

export interface DemoSubject {
  /** Under which its token is printed; in capitals, and with `_` for `-`, a variable of the shell. */
  readonly name: string
  readonly role: string
  /** JWT `sub`. */
  readonly subject: string
  /** How the subject proved who it is (RFC 8176). */
  readonly amr: readonly string[]
  /** When it was trained last; undefined: today. */
  readonly trained?: string
  /** For a person who reads. */
  readonly words: string
}

export const DEMO_SUBJECTS: readonly DemoSubject[] = [
  { name: 'agent', role: 'agent', subject: 'agent-1', amr: ['pwd'], words: 'an agent' },
  { name: 'lead', role: 'lead', subject: 'lead-1', amr: ['pwd', 'otp', 'mfa'], words: 'a lead' },
  {
    name: 'billing',
    role: 'billing',
    subject: 'billing-1',
    amr: ['pwd', 'otp', 'mfa'],
    words: 'somebody of billing',
  },
  {
    name: 'billing-password-only',
    role: 'billing',
    subject: 'billing-2',
    amr: ['pwd'],
    words: 'somebody of billing, logged in without a second factor',
  },
  {
    name: 'lead-untrained',
    role: 'lead',
    subject: 'lead-2',
    amr: ['pwd', 'otp', 'mfa'],
    trained: '2020-01-15',
    words: 'a lead whose privacy training is overdue',
  },
]
