/** Whether the caller's token still holds: asked when a request comes, and again before each part of an answer leaves. */
import { SharedLogUnavailableError } from '../identity/shared-log/shared-log.ts'
import type { Exchange } from './exchange.ts'
import { RefusedError } from './refused.ts'
import { challenge, schemeOf } from './request/challenge.ts'
import type { Services } from './services.ts'

/** Throws {@link RefusedError} where the token was revoked, or where nobody knows. */
export function refuseRevoked(
  { subject }: Exchange,
  { policy, revocations }: Pick<Services, 'policy' | 'revocations'>,
): void {
  if (policy.revocation === undefined || subject === undefined) return
  if (isRevoked()) {
    // RFC 6750 3.1: a revoked token is an invalid one to the client.
    const told = challenge(schemeOf(subject), { error: 'invalid_token' })
    throw new RefusedError('token-revoked', { headers: { 'www-authenticate': told } })
  }

  function isRevoked(): boolean {
    if (subject === undefined) return true
    try {
      return revocations.isRevoked(subject)
    } catch (cause) {
      if (!(cause instanceof SharedLogUnavailableError)) throw cause
      throw new RefusedError('revocations-unavailable', { cause })
    }
  }
}
