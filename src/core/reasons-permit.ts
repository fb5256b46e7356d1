/** Reasons of permits, and of answers of the gateway itself. */
import type { ReasonEntry } from './reasons-entry.ts'

/** By status. */
export const PERMIT_REASONS = {
  'role-permits': {
    status: 200,
    title: 'OK',
    meaning: 'A known role of the subject may use the route.',
  },
  'revocation-received': {
    status: 200,
    title: 'OK',
    meaning:
      'A logout token or a security event was taken; what it names is revoked. A security event is answered with 202.',
  },
  'login-begun': {
    status: 303,
    title: 'See other',
    meaning: 'A browser was sent to the identity provider to log in.',
  },
  'login-done': {
    status: 200,
    title: 'OK',
    meaning: 'A browser came back from its login, has a session, and was sent on.',
  },
  'logout-done': {
    status: 303,
    title: 'See other',
    meaning: 'A browser logged out, and was sent on to the identity provider to log out there.',
  },
  'training-overdue': {
    status: 200,
    title: 'OK',
    meaning:
      'The privacy training of the subject is overdue or not known, so every class was masked. Stands beside another reason.',
  },
  'lookups-masked': {
    status: 200,
    title: 'OK',
    meaning:
      'A look-up rule with `mask` has passed its threshold, so every class was masked. Stands beside another reason.',
  },
  'preflight-answered': {
    status: 204,
    title: 'No content',
    meaning:
      'A browser asked what scripts of a listed origin may send. Nothing of the upstream is told.',
  },
} as const satisfies Record<string, ReasonEntry>
