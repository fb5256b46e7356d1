/**
 * Which answers of an upstream are looked at: a status with a body that is JSON, plain or in one coding that the policy
 * lists. Everything else is replaced, and nothing of it leaves.
 */
import type { ContentCoding, Upstream } from '../../rules/compiled-policy.ts'
import { RefusedError } from '../refused.ts'
import { isPlainUtf8, parseMediaType } from './media-type.ts'

/** What reply-from hands over; undici gives a list where a header stands twice. */
export interface UpstreamHead {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
}

/** Errors of the upstream that are the caller's to know, passed on as a status without its text. */
const CALLER_ERRORS = new Set([400, 404, 405, 406, 409, 410, 413, 415, 422, 429])
const WITH_BODY = new Set([200, 201, 202, 203])
const WITHOUT_BODY = new Set([204, 205])
// RFC 8259 11 and RFC 6839 3.1; the only charset is UTF-8.
const JSON_TYPE = /^application\/(?:json|[a-z0-9!#$&^_.-]+\+json)$/

export type Admission =
  | { readonly kind: 'empty' }
  | { readonly kind: 'json'; readonly coding: ContentCoding | undefined }

/** Throws {@link RefusedError} where the answer is not one that can be masked. */
export function admit({ statusCode, headers }: UpstreamHead, upstream: Upstream): Admission {
  if (statusCode >= 400) {
    throw new RefusedError('upstream-error', {
      status: CALLER_ERRORS.has(statusCode) ? statusCode : 502,
    })
  }
  if (WITHOUT_BODY.has(statusCode)) return { kind: 'empty' }
  // A part of a document cannot be masked: what stands around it decides (RFC 9110 14.4).
  if (!WITH_BODY.has(statusCode) || headers['content-range'] !== undefined) {
    throw new RefusedError('upstream-status-refused')
  }
  const type = parseMediaType(headers['content-type'])
  if (type === undefined || !JSON_TYPE.test(type.essence) || !isPlainUtf8(type)) {
    throw new RefusedError('upstream-type-refused')
  }
  return { kind: 'json', coding: admitCoding(headers['content-encoding'], upstream) }
}

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
