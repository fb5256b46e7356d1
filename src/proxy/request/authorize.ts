/** Who asks, and whether that subject may: the steps from the credential to the decision. */
import { IssuerUnavailableError, TokenError } from '../../identity/errors.ts'
import type { AssuranceLevel } from '../../rules/compiled-policy.ts'
import { decide, knownRoles } from '../../rules/decide.ts'
import type { Exchange } from '../exchange.ts'
import { RefusedError } from '../refused.ts'
import { refuseRevoked } from '../revoked.ts'
import type { Services } from '../services.ts'

/** Puts the verified subject and its known roles on the exchange. Throws {@link RefusedError}. */
export async function findSubject(exchange: Exchange, services: Services): Promise<void> {
  const { verifier, policy } = services
  try {
    exchange.subject = await verifier.verify(exchange.raw.headers.authorization)
  } catch (cause) {
    if (cause instanceof TokenError) throw new RefusedError(cause.reason, { cause })
    if (cause instanceof IssuerUnavailableError)
      throw new RefusedError('issuer-unavailable', { cause })
    throw cause
  }
  refuseRevoked(exchange, services)
  const claimed = exchange.subject.claimedRoles
  if ('fault' in claimed) throw new RefusedError(claimed.fault)
  exchange.roles = knownRoles(policy, claimed.names)
}

/** Decides, and puts the masking on the exchange. Throws {@link RefusedError} where it is a deny. */
export function takeDecision(exchange: Exchange): void {
  const { subject, roles, match } = exchange
  if (subject === undefined) throw new RefusedError('token-missing')
  const { assurance, trained } = subject
  const decision = decide(match?.route, { roles, assurance, trained })
  if (decision.effect === 'deny') {
    const { reasons, level } = decision
    throw new RefusedError(reasons[0], level && { headers: stepUp(level) })
  }
  exchange.effect = 'permit'
  exchange.reasons = [...decision.reasons]
  exchange.masking = decision.masking
  exchange.maskedFor = decision.maskedFor
}

/** Tells the client how the user must log in before it asks again (RFC 9470 section 3). */
function stepUp({ acr, maxAgeSeconds }: AssuranceLevel): Record<string, string> {
  const parameters = [
    'realm="celosia"',
    'error="insufficient_user_authentication"',
    'error_description="A different authentication level is required"',
    ...(acr.length > 0 ? [`acr_values="${acr.join(' ')}"`] : []),
    ...(maxAgeSeconds === undefined ? [] : [`max_age="${maxAgeSeconds}"`]),
  ]
  return { 'www-authenticate': `Bearer ${parameters.join(', ')}` }
}
