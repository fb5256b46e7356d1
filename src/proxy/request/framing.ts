/**
 * What Node's parser lets through and must not pass. Works on the raw header list, since the parsed one has joined or
 * dropped repetitions already.
 */
import type { IncomingMessage } from 'node:http'
import type { Reason } from '../../core/reasons.ts'

/** Headers that a request may carry once at most; a second one could be read differently by somebody else. */
const SINGLE = new Set([
  'authorization',
  'celosia-csrf',
  'celosia-purpose',
  'celosia-reveal',
  'content-length',
  'content-type',
  'cookie',
  'dpop',
  'expect',
  'host',
  'referer',
  'transfer-encoding',
  'upgrade',
])
const VERSIONS = new Set(['1.0', '1.1'])
/** RFC 9112 3.2: host and optional port, in the forms that names and addresses have. */
const HOST = /^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:[0-9]{1,5})?$/
const CONNECTION = /^(close|keep-alive)$/i

/** Why the request is refused by its form, or undefined. */
export function framingFault(request: IncomingMessage): Reason | undefined {
  const names = new Set<string>()
  let isRepeated = false
  for (let i = 0; i < request.rawHeaders.length; i += 2) {
    const name = (request.rawHeaders[i] ?? '').toLowerCase()
    if (names.has(name) && SINGLE.has(name)) isRepeated = true
    names.add(name)
  }
  const { headers } = request
  // The parser takes HTTP/0.9, which has no headers, and HTTP/2.0, which is another protocol.
  if (!VERSIONS.has(request.httpVersion)) return 'header-malformed'
  // RFC 9110 7.8: a WebSocket or h2c upgrade asks by both headers; either alone is as odd.
  if (names.has('upgrade')) return 'upgrade-refused'
  if (isRepeated) return 'header-malformed'
  if (!HOST.test(headers.host ?? '')) return 'header-malformed'
  // A Connection header can name others for removal on the way (RFC 9110 7.6.1).
  if (headers.connection !== undefined && !CONNECTION.test(headers.connection))
    return 'header-malformed'
  // RFC 9112 6.1: what ends otherwise than by chunks ends nowhere.
  const coding = headers['transfer-encoding']
  if (coding !== undefined && !/^chunked$/i.test(coding)) return 'header-malformed'
  if (names.has('expect') && !asksToContinue(request)) return 'header-malformed'
  if (names.has('te') || names.has('trailer')) return 'header-malformed'
  return undefined
}

/** True where the request announces a body (RFC 9112 6). */
export function hasBody(request: IncomingMessage): boolean {
  const { headers } = request
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0'
}

/** True where the caller waits to be told that its body is wanted (RFC 9110 10.1.1). */
export function asksToContinue(request: IncomingMessage): boolean {
  const { expect } = request.headers
  return /^100-continue$/i.test(expect ?? '') && request.httpVersion === '1.1' && hasBody(request)
}
