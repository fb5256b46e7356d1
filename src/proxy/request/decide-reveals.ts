/** What of a request's wish to see more is granted: by the role itself, or by a grant that a second person approved. */
import type { Approval } from '../../identity/grants/approval.ts'
import { SharedLogUnavailableError } from '../../identity/shared-log/shared-log.ts'
import type { Subject } from '../../identity/subject.ts'
import { encryptText } from '../../keys/encrypted-text.ts'
import { decideBreakGlass } from '../../rules/reveal/decide-break-glass.ts'
import { decideReveal, isReason } from '../../rules/reveal/decide-reveal.ts'
import type { RevealStanding, RevealVerdict } from '../../rules/reveal/decide-reveal.ts'
import type { RevealRequest } from '../../rules/reveal/reveal-rules.ts'
import type { Exchange } from '../exchange.ts'
import { RefusedError } from '../refused.ts'
import type { Reveal } from '../reveals.ts'
import type { Services } from '../services.ts'
import { schemeOf, stepUp } from './challenge.ts'
import { parseReveal } from './reveal-header.ts'

const HEADER = 'celosia-reveal'

/** True where a request asks for more than its roles show. */
export function asksToReveal({ raw }: Exchange): boolean {
  return raw.headers[HEADER] !== undefined
}

/** The classes that are revealed; none where nothing is asked for. Throws {@link RefusedError} where one may not be. */
export async function decideReveals(
  exchange: Exchange,
  services: Services,
): Promise<readonly string[]> {
  const request = requested(exchange)
  const { subject } = exchange
  if (request === undefined || subject === undefined) return []
  // On record as it was asked, also where it is refused.
  exchange.reveal = {
    request,
    grants: [],
    findingId: undefined,
    approval: undefined,
    text: undefined,
  }
  const text = await encryptedText(request, services)
  const { assurance, trained } = subject
  const standing = {
    roles: exchange.roles,
    assurance,
    trained,
    writes: exchange.match?.route.effect !== 'read',
    nowMs: exchange.timeMs,
  }
  const reveal =
    request.grant === undefined
      ? byRole(request, standing, subject, services)
      : await byGrant(request, standing, subject, services)
  exchange.reveal = { ...reveal, text }
  return request.classes
}

function requested({ raw }: Exchange): RevealRequest | undefined {
  const header = raw.headers[HEADER]
  if (header === undefined) return undefined
  const request = typeof header === 'string' ? parseReveal(header) : undefined
  if (request === undefined) throw new RefusedError('reveal-malformed')
  return request
}

// Of a text that is refused nothing is kept.
async function encryptedText(
  { text }: RevealRequest,
  { policy }: Services,
): Promise<string | undefined> {
  if (text === undefined) return undefined
  const rules = policy.reveal?.freeText
  if (rules === undefined) throw new RefusedError('reveal-malformed')
  if (rules.holdsPersonalData(text)) throw new RefusedError('reveal-text-refused')
  return encryptText(text, rules.key)
}

function byRole(
  request: RevealRequest,
  standing: RevealStanding,
  subject: Subject,
  { policy, ids }: Services,
): Omit<Reveal, 'text'> {
  const { grants } = permitted(subject, decideReveal(policy.reveal, request, standing))
  const notify = grants.some((grant) => grant.notify)
  return { request, grants, findingId: notify ? ids() : undefined, approval: undefined }
}

async function byGrant(
  request: RevealRequest,
  standing: RevealStanding,
  subject: Subject,
  services: Services,
): Promise<Omit<Reveal, 'text'>> {
  const { policy, ids } = services
  if (
    request.reason !== undefined &&
    (policy.reveal === undefined || !isReason(policy.reveal, request.reason))
  )
    throw new RefusedError('reveal-malformed')
  const approval = await approvalInForce(request.grant ?? '', services)
  const { terms } = approval
  if (
    policy.breakGlass === undefined ||
    terms.subject !== subject.id ||
    terms.issuer !== subject.issuer
  )
    throw new RefusedError('grant-invalid')
  const durationMs = (terms.untilS - terms.fromS) * 1_000
  const granted = { classes: terms.classes, durationMs }
  const { grants } = permitted(
    subject,
    decideBreakGlass(policy.breakGlass, request, standing, granted),
  )
  // The reason of the grant is the one that was approved.
  const reason =
    terms.code === '' ? undefined : { code: terms.code, ticket: terms.ticket || undefined }
  return { request: { ...request, reason }, grants, findingId: ids(), approval }
}

async function approvalInForce(id: string, { policy, grants }: Services): Promise<Approval> {
  if (policy.breakGlass === undefined) throw new RefusedError('grant-invalid')
  try {
    const approval = await grants.inForce(id, policy.breakGlass, policy.tenant)
    if (approval !== undefined) return approval
  } catch (cause) {
    if (!(cause instanceof SharedLogUnavailableError)) throw cause
    throw new RefusedError('grants-unavailable', { cause })
  }
  throw new RefusedError('grant-invalid')
}

function permitted(
  subject: Subject,
  verdict: RevealVerdict,
): Extract<RevealVerdict, { readonly effect: 'permit' }> {
  if (verdict.effect === 'permit') return verdict
  const { reason, level } = verdict
  throw new RefusedError(reason, level && { headers: stepUp(schemeOf(subject), level) })
}
