/**
 * Which answers of an upstream are looked at: a status with a body of the route's format, plain or in one coding that the
 * policy lists. Everything else is replaced, and nothing of it leaves.
 */
import type { ContentCoding, Route, Upstream } from '../../rules/compiled-policy.ts'
import { RefusedError } from '../refused.ts'
import { answerFormat, JSON_FORMAT } from './answer-formats.ts'
import { isRedirect } from './led-headers.ts'
import { parseMediaType, writtenType } from './media-type.ts'
import { retryAfter } from './passed-headers.ts'

/** What reply-from hands over; undici gives a list where a header stands twice. */
export interface UpstreamHead {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
}

/** Errors of the upstream that are the caller's to know, passed on as a status without its text. */
const CALLER_ERRORS = new Set([400, 404, 405, 406, 409, 410, 413, 415, 422, 429])
/** Where errors are masked, these too; the others are about the gateway's own connection and credential. */
const MASKED_ERRORS = CALLER_ERRORS.union(
  new Set([402, 403, 423, 424, 428, 451, 500, 501, 502, 503, 504, 507]),
)
const WITH_BODY = new Set([200, 201, 202, 203])
const WITHOUT_BODY = new Set([204, 205])

/** `empty`: only the status leaves, and where a redirect leads to; `body` can be masked; `opaque` leaves unread; `error` is an error of the upstream that can be masked. */
export type Admission = { readonly kind: 'empty' } | AdmittedBody

export interface AdmittedBody {
  readonly kind: 'body' | 'opaque' | 'error'
  readonly coding: ContentCoding | undefined
  /** What it is called when it leaves. */
  readonly contentType: string
}

/** Throws {@link RefusedError} where the answer is not one that can be masked. */
export function admit(head: UpstreamHead, route: Route): Admission {
  const { statusCode, headers } = head
  if (statusCode >= 400) return admitError(head, route)
  if (WITHOUT_BODY.has(statusCode) || isRedirect(statusCode)) return { kind: 'empty' }
  // A part of a document cannot be masked: what stands around it decides (RFC 9110 14.4).
  if (!WITH_BODY.has(statusCode) || headers['content-range'] !== undefined) {
    throw new RefusedError('upstream-status-refused')
  }
  const type = parseMediaType(headers['content-type'])
  const { fits, contentType = type && writtenType(type) } = answerFormat(route.format)
  if (type === undefined || contentType === undefined || !fits(type)) {
    throw new RefusedError('upstream-type-refused')
  }
  return {
    kind: route.format.kind === 'opaque' ? 'opaque' : 'body',
    coding: admitCoding(headers['content-encoding'], route.upstream),
    contentType,
  }
}

/** What an error is replaced by: a status that is the caller's to know, or 502. */
export function replacedError(
  { statusCode, headers }: UpstreamHead,
  cause?: unknown,
): RefusedError {
  const status = CALLER_ERRORS.has(statusCode) ? statusCode : 502
  return new RefusedError('upstream-error', { status, cause, headers: retryAfter(headers) })
}

function admitError(head: UpstreamHead, route: Route): Admission {
  const { statusCode, headers } = head
  const masked = route.errorMaskingFor !== undefined && MASKED_ERRORS.has(statusCode)
  const type = masked ? parseMediaType(headers['content-type']) : undefined
  if (type === undefined || !JSON_FORMAT.fits(type)) throw replacedError(head)
  try {
    const coding = admitCoding(headers['content-encoding'], route.upstream)
    // RFC 9457 3: clients tell problem documents by their type.
    return { kind: 'error', coding, contentType: type.essence === PROBLEM ? PROBLEM : JSON_TYPE }
  } catch (cause) {
    throw replacedError(head, cause)
  }
}

const PROBLEM = 'application/problem+json'
const JSON_TYPE = 'application/json; charset=utf-8'

// RFC 9110 8.4.1: names of codings are case-insensitive. A list of several is not taken apart.
function admitCoding(
  header: string | readonly string[] | undefined,
  { codings }: Upstream,
): ContentCoding | undefined {
  if (header === undefined) return undefined
  const name = typeof header === 'string' ? header.toLowerCase() : ''
  if (name === 'identity') return undefined
  const coding = codings.find((known) => known === name)
  if (coding === undefined) throw new RefusedError('upstream-coding-refused')
  return coding
}
