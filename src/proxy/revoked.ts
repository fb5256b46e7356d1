/** Whether the caller's token still holds: asked when a request comes, and again before each part of an answer leaves. */
import { SharedLogUnavailableError } from '../identity/shared-log/shared-log.ts'
import type { Subject } from '../identity/subject.ts'
import type { Exchange } from './exchange.ts'
import { RefusedError } from './refused.ts'
import { challenge, schemeOf } from './request/challenge.ts'
import type { Services } from './services.ts'

/** Throws {@link RefusedError} where the token was revoked, or where nobody knows. */
export function refuseRevoked(
  { subject }: Exchange,
  services: Pick<Services, 'policy' | 'revocations'>,
): void {
  if (subject === undefined || !isRevoked(subject, services)) return
  // RFC 6750 3.1: a revoked token is an invalid one to the client.
  const told = challenge(schemeOf(subject), { error: 'invalid_token' })
  throw new RefusedError('token-revoked', { headers: { 'www-authenticate': told } })
}

/** Throws {@link RefusedError} where nobody knows. */
export function isRevoked(
  subject: Subject,
  { policy, revocations }: Pick<Services, 'policy' | 'revocations'>,
): boolean {
  if (policy.revocation === undefined) return false
  try {
    return revocations.isRevoked(subject)
  } catch (cause) {
    if (!(cause instanceof SharedLogUnavailableError)) throw cause
    throw new RefusedError('revocations-unavailable', { cause })
  }
}
