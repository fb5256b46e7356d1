/** The headers of a request to an upstream: a fixed list, none of the caller's bytes. What helps the upstream is the gateway's own. */
import type { Upstream } from '../rules/compiled-policy.ts'
import type { BodyFormat } from '../json/formats/formats.ts'
import { answerFormat } from './answer/answer-formats.ts'
import type { Exchange } from './exchange.ts'

const JSON_FORMAT: BodyFormat = { kind: 'json' }

/** Of every request that this exchange causes, whatever its method. */
export function baseHeaders(
  upstream: Upstream,
  { requestId }: Pick<Exchange, 'requestId'>,
  format: BodyFormat,
): Record<string, string> {
  return {
    host: upstream.host,
    accept: answerFormat(format).accept,
    'accept-encoding': upstream.codings.length === 0 ? 'identity' : upstream.codings.join(', '),
    'user-agent': 'celosia',
    'x-request-id': requestId,
    ...upstream.headers,
  }
}

/** Of the request itself. */
export function forwardHeaders(upstream: Upstream, exchange: Exchange): Record<string, string> {
  const { body, match, recordWrite } = exchange
  return {
    ...(body !== undefined && { 'content-type': body.contentType }),
    ...baseHeaders(upstream, exchange, match?.route.format ?? JSON_FORMAT),
    // Last: no header of the policy may undo what ties a write to the record that was read.
    ...recordWrite?.condition,
  }
}
