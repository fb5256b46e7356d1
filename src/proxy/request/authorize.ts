/** Who asks, and whether that subject may: the steps from the credential to the decision. */
import { IssuerUnavailableError, TokenError } from '../../identity/errors.ts'
import type { ProvenRequest } from '../../identity/dpop/proof.ts'
import type { Subject } from '../../identity/subject.ts'
import { decide, knownRoles } from '../../rules/decide.ts'
import type { Decision } from '../../rules/decide.ts'
import { findPurpose } from '../../rules/purpose/purpose.ts'
import type { Purpose } from '../../rules/purpose/purpose.ts'
import type { Exchange } from '../exchange.ts'
import { RefusedError } from '../refused.ts'
import { refuseRevoked } from '../revoked.ts'
import type { Services } from '../services.ts'
import { authenticate, schemeOf, stepUp } from './challenge.ts'
import { findCredential } from './credential.ts'
import { refuseCrossSite } from './cross-site.ts'
import { asksToReveal, decideReveals } from './decide-reveals.ts'
import { spendProof } from './possession.ts'
import { subjectOfSession } from '../sessions/session-of.ts'

/** Puts the verified subject and its known roles on the exchange. Throws {@link RefusedError}. */
export async function findSubject(exchange: Exchange, services: Services): Promise<void> {
  const { policy, verifier } = services
  if (exchange.selfTest !== undefined) {
    exchange.subject = selfTestSubject(policy)
    exchange.roles = knownRoles(policy, exchange.selfTest.roles)
    return
  }
  let subject: Subject
  try {
    const found = findCredential(exchange, policy.ambient)
    exchange.ambient = found.ambient
    subject = await ('session' in found
      ? subjectOfSession(found.session, exchange, services)
      : verifier.verify(found.credential, tokenRequest(exchange)))
  } catch (cause) {
    throw notVerified(cause, services)
  }
  if (subject.proof !== undefined) await spendProof(subject.proof, exchange, services)
  exchange.subject = subject
  refuseRevoked(exchange, services)
  refuseCrossSite(exchange, services)
  const claimed = subject.claimedRoles
  if ('fault' in claimed) throw new RefusedError(claimed.fault)
  exchange.roles = knownRoles(policy, claimed.names)
}

/** Who asks where the gateway asks itself: nobody, with every assurance, so that it is told as much as anybody of the roles. */
function selfTestSubject({ assurance }: Services['policy']): Subject {
  return {
    id: 'self-test',
    issuer: 'urn:celosia:self-test',
    claimedRoles: { names: [] },
    session: undefined,
    jti: undefined,
    sid: undefined,
    issuedS: 0,
    assurance: new Set(assurance.keys()),
    trained: true,
    proof: undefined,
  }
}

function tokenRequest({ raw, target, ambient, certificate }: Exchange): ProvenRequest {
  const { dpop } = raw.headers
  return {
    method: raw.method ?? '',
    path: `/${target?.parts.join('/') ?? ''}`,
    proof: typeof dpop === 'string' ? dpop : undefined,
    // What a browser brings by itself may come over the connection of a proxy.
    certificate: ambient === undefined ? certificate : undefined,
  }
}

function notVerified(cause: unknown, { policy }: Services): unknown {
  if (cause instanceof TokenError) {
    const headers = authenticate(cause.reason, policy.dpop)
    return new RefusedError(cause.reason, { cause, headers })
  }
  return cause instanceof IssuerUnavailableError
    ? new RefusedError('issuer-unavailable', { cause })
    : cause
}

/** Decides, and puts the masking on the exchange. Throws {@link RefusedError} where it is a deny. */
export function takeDecision(exchange: Exchange, services: Services): Promise<void> | undefined {
  const { subject, roles, match } = exchange
  if (subject === undefined) throw new RefusedError('token-missing')
  const { assurance, trained } = subject
  const purpose = purposeOf(exchange, services)
  const standing = { roles, assurance, trained, purpose, revealed: [] }
  const base = permitted(subject, decide(match?.route, standing))
  if (!asksToReveal(exchange)) {
    permit(exchange, base)
    return undefined
  }
  return decideReveals(exchange, services).then((revealed) =>
    permit(exchange, permitted(subject, decide(match?.route, { ...standing, revealed }))),
  )
}

function permit(exchange: Exchange, { reasons, masking, maskedFor }: Permit): void {
  exchange.effect = 'permit'
  exchange.reasons = [...reasons]
  exchange.masking = masking
  exchange.maskedFor = maskedFor
}

// On record also where the route is not for it.
function purposeOf(exchange: Exchange, { policy }: Services): Purpose | undefined {
  const { raw, match } = exchange
  const purpose = findPurpose(policy.purposes, match?.route.purposes, raw.headers)
  if (purpose === 'unknown') throw new RefusedError('purpose-malformed')
  exchange.purpose = purpose
  return purpose
}

type Permit = Extract<Decision, { readonly effect: 'permit' }>

function permitted(subject: Subject, decision: Decision): Permit {
  if (decision.effect === 'permit') return decision
  const { reasons, level } = decision
  throw new RefusedError(reasons[0], level && { headers: stepUp(schemeOf(subject), level) })
}
