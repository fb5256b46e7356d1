/** Problem documents (RFC 9457): a fixed title and the request id, nothing of the request or the data. */
import { REASONS } from '../core/reasons.ts'
import type { Reason } from '../core/reasons.ts'
import type { RefusedError } from './refused.ts'

export interface Problem {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

/** Seconds after which a caller may try again where the cause is expected to pass. */
const RETRY_AFTER_S = 2

/** What an answer is made of. */
type Refusal = Pick<RefusedError, 'reason' | 'status' | 'headers' | 'document' | 'details'>

/**
 * The whole answer for a refusal. `requestId` is what a caller can give to the operators. The details are further members
 * (RFC 9457 3.2), which name places and hold no value.
 */
export function problem(
  { reason, status, headers, document, details }: Refusal,
  requestId: string,
): Problem {
  const problemDocument = {
    ...details,
    type: `urn:celosia:reason:${reason}`,
    title: REASONS[reason].title,
    status,
    reason,
    requestId,
  }
  return {
    status,
    headers: {
      ...problemHeaders(reason, status),
      ...(document !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    body: Buffer.from(JSON.stringify(document ?? problemDocument)),
  }
}

function problemHeaders(reason: Reason, status: number): Record<string, string> {
  const headers: Record<string, string> = {
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  }
  // RFC 6750 3: a request without credentials learns the scheme only, a bad token that it is one.
  if (reason === 'token-missing') headers['www-authenticate'] = 'Bearer realm="celosia"'
  if (reason === 'token-invalid')
    headers['www-authenticate'] = 'Bearer realm="celosia", error="invalid_token"'
  if (status === 503 || reason === 'lookups-exceeded')
    headers['retry-after'] = String(RETRY_AFTER_S)
  if (reason === 'upgrade-refused') headers['upgrade'] = 'HTTP/1.1'
  return headers
}
