/** Who asks, and whether that subject may: the steps from the credential to the decision. */
import { IssuerUnavailableError, TokenError } from '../../identity/errors.ts'
import type { AssuranceLevel } from '../../rules/trust.ts'
import type { Subject } from '../../identity/subject.ts'
import { decide, knownRoles } from '../../rules/decide.ts'
import type { Decision } from '../../rules/decide.ts'
import { decideReveal } from '../../rules/reveal/decide-reveal.ts'
import type { Exchange } from '../exchange.ts'
import { RefusedError } from '../refused.ts'
import { refuseRevoked } from '../revoked.ts'
import type { Services } from '../services.ts'
import { parseReveal } from './reveal-header.ts'

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
export function takeDecision(exchange: Exchange, services: Services): void {
  const { subject, roles, match } = exchange
  if (subject === undefined) throw new RefusedError('token-missing')
  const { assurance, trained } = subject
  const standing = { roles, assurance, trained, revealed: [] }
  const base = permitted(decide(match?.route, standing))
  exchange.reveal = requestedReveal(exchange)
  const revealed = decideReveals(exchange, subject, services)
  const decision =
    revealed.length === 0 ? base : permitted(decide(match?.route, { ...standing, revealed }))
  exchange.effect = 'permit'
  exchange.reasons = [...decision.reasons]
  exchange.masking = decision.masking
  exchange.maskedFor = decision.maskedFor
}

function permitted(decision: Decision): Extract<Decision, { readonly effect: 'permit' }> {
  if (decision.effect === 'permit') return decision
  const { reasons, level } = decision
  throw new RefusedError(reasons[0], level && { headers: stepUp(level) })
}

function requestedReveal({ raw }: Exchange): Exchange['reveal'] {
  const header = raw.headers['celosia-reveal']
  if (header === undefined) return undefined
  const request = typeof header === 'string' ? parseReveal(header) : undefined
  if (request === undefined) throw new RefusedError('reveal-malformed')
  return { request, grants: [], findingId: undefined }
}

/** The classes that are revealed. Throws {@link RefusedError} where one may not be. */
function decideReveals(
  exchange: Exchange,
  { assurance, trained }: Subject,
  { policy, ids }: Services,
): readonly string[] {
  const { reveal, roles, match, timeMs } = exchange
  if (reveal === undefined) return []
  const writes = match?.route.effect !== 'read'
  const standing = { roles, assurance, trained, writes, nowMs: timeMs }
  const verdict = decideReveal(policy.reveal, reveal.request, standing)
  if (verdict.effect === 'deny') {
    const { reason, level } = verdict
    throw new RefusedError(reason, level && { headers: stepUp(level) })
  }
  const notify = verdict.grants.some((grant) => grant.notify)
  exchange.reveal = {
    ...reveal,
    grants: verdict.grants,
    findingId: notify ? ids() : undefined,
  }
  return reveal.request.classes
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
