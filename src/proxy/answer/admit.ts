/**
 * Which answers of an upstream are looked at: a status with a body that is JSON in one known form. Everything else is
 * replaced, and nothing of it leaves.
 */
import { RefusedError } from '../refused.ts'

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
const JSON_TYPE = /^application\/(?:json|[a-z0-9!#$&^_.-]+\+json)(?:\s*;\s*charset="?utf-8"?)?\s*$/i

export type Admission = 'json' | 'empty'

/** Throws {@link RefusedError} where the answer is not one that can be masked. */
export function admit({ statusCode, headers }: UpstreamHead): Admission {
  if (statusCode >= 400) {
    throw new RefusedError('upstream-error', {
      status: CALLER_ERRORS.has(statusCode) ? statusCode : 502,
    })
  }
  if (WITHOUT_BODY.has(statusCode)) return 'empty'
  const type = headers['content-type']
  const coding = headers['content-encoding']
  const admitted =
    WITH_BODY.has(statusCode) &&
    typeof type === 'string' &&
    JSON_TYPE.test(type) &&
    (coding === undefined || coding === 'identity') &&
    headers['content-range'] === undefined
  if (!admitted) throw new RefusedError('upstream-answer-refused')
  return 'json'
}
