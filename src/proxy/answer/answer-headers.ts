/** The headers of an answer: ours, and those of the upstream that the route lists. */
import type { AnswerCoding } from '../../rules/compiled-policy.ts'
import type { Exchange } from '../exchange.ts'
import type { Services } from '../services.ts'
import type { Admission, UpstreamHead } from './admit.ts'
import { linkHeader, locationHeader } from './led-headers.ts'
import { passedHeaders, retryAfter } from './passed-headers.ts'
import { keptHeader, redactedHeader } from './masked-header.ts'
import { entityTag } from './validator.ts'

/** What an answer says of itself. */
export interface AnswerHead {
  readonly answer: UpstreamHead
  readonly admitted: Admission
  readonly marks: Marks
}

/** `Celosia-Masked` and `Celosia-Revealed`; undefined or empty where nothing was. */
export interface Marks {
  readonly masked: string | undefined
  readonly revealed: string | undefined
}

export const NO_MARKS: Marks = { masked: undefined, revealed: undefined }

/**
 * Anything else of the upstream's does not leave: it names it, validates bytes that have changed, or sets cookies. Throws
 * {@link RefusedError} for a redirect that leads elsewhere.
 */
export function answerHeaders(
  exchange: Exchange,
  services: Services,
  { answer, admitted, marks }: AnswerHead,
): Record<string, string> {
  const { markHeader, reveal } = services.policy
  const headers: Record<string, string> = {
    ...passedHeaders(answer.headers, exchange.match?.route.answerHeaders ?? new Map()),
    ...locationHeader(answer, exchange, services),
    ...linkHeader(answer, exchange, services),
    ...(admitted.kind === 'error' && retryAfter(answer.headers)),
    'cache-control': 'no-store',
    vary: varyOf(exchange, reveal !== undefined),
    'x-content-type-options': 'nosniff',
  }
  if (admitted.kind !== 'empty') headers['content-type'] = admitted.contentType
  if (admitted.kind === 'opaque') Object.assign(headers, OPAQUE)
  if (markHeader) {
    mark(headers, 'masked', marks.masked)
    mark(headers, 'revealed', marks.revealed)
    mark(headers, 'kept', keptHeader(exchange.recordWrite?.facts.changes ?? []))
    mark(headers, 'redacted', redactedHeader(exchange.inbound))
  }
  return headers
}

// Said of each answer of a route, in whatever coding it leaves (RFC 9110 12.5.5).
function varyOf({ match }: Exchange, reveals: boolean): string {
  const reveal = reveals ? ', Celosia-Reveal' : ''
  const coding = (match?.route.compress.length ?? 0) > 0 ? ', Accept-Encoding' : ''
  return `Authorization${reveal}${coding}`
}

function mark(headers: Record<string, string>, name: string, text: string | undefined): void {
  if (text !== undefined && text !== '') headers[`celosia-${name}`] = text
}

/** A file is saved, not shown: what it may hold must not run as a page of the gateway's origin. Its name is not passed on. */
const OPAQUE: Readonly<Record<string, string>> = {
  'content-disposition': 'attachment',
  'content-security-policy': "default-src 'none'; sandbox",
}

interface CacheFacts {
  readonly admitted: Admission
  readonly body: Buffer | undefined
  readonly coding: AnswerCoding | undefined
}

/** What lets caches of this caller keep the answer, where the route says that they may. Undefined: they may not. */
export function cacheHeaders(
  exchange: Exchange,
  { policy }: Services,
  { admitted, body, coding }: CacheFacts,
): { readonly etag: string; readonly 'cache-control': string } | undefined {
  const seconds = exchange.match?.route.cacheSeconds
  const whole = exchange.upstreamStatus === 200 && admitted.kind !== 'empty'
  // What is revealed is for this request only.
  if (exchange.reveal !== undefined) return undefined
  // Who the browser speaks for next is nothing that its cache could tell apart.
  if (exchange.ambient !== undefined) return undefined
  if (seconds === undefined || !whole || body === undefined) return undefined
  return {
    etag: entityTag(exchange, policy.sha256, { body, coding }),
    'cache-control': `private, max-age=${seconds}`,
  }
}
