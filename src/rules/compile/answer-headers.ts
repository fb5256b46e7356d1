/** Resolves which headers of the upstream pass, what caches of callers may keep, and what answers leave in. */
import { parseDuration } from '../../core/duration.ts'
import type { AnswerCoding, AnswerHeaders } from '../compiled-policy.ts'
import type { RouteDocument } from '../policy/document.ts'
import type { PolicyPath } from '../policy/fault.ts'
import type { Complaints } from './complaints.ts'
import { singleDomain } from './parameters.ts'

/**
 * Headers that never pass: they frame, describe or validate bytes that have changed (RFC 9110, RFC 9111, RFC 9112), carry
 * credentials, lead elsewhere, or are the gateway's own to say.
 */
const NEVER =
  /^(?:accept-ranges|accept-ch|age|allow|alt-svc|alt-used|authentication-info|authorization|cache-control|clear-site-data|connection|date|digest|dpop.*|etag|expires|host|keep-alive|last-modified|link|location|nel|origin-agent-cluster|pragma|refresh|repr-digest|report-to|reporting-endpoints|retry-after|server|service-worker-allowed|set-cookie2?|set-login|sourcemap|strict-transport-security|te|trailer|transfer-encoding|upgrade|vary|via|want-.*|warning|www-authenticate|x-accel-.*|x-content-type-options|x-frame-options|x-sendfile|x-sourcemap|access-control-.*|celosia-.*|content-.*|cross-origin-.*|permissions-policy.*|proxy-.*|sec-.*)$/
const COOKIES = /^set-cookie/
const MAX_AGE_MS_MAX = 86_400_000

/** Headers by name, each with what it may say. */
export function compileAnswerHeaders(
  { answerHeaders }: RouteDocument,
  path: PolicyPath,
  complaints: Complaints,
): AnswerHeaders {
  for (const name of Object.keys(answerHeaders ?? {})) {
    if (!NEVER.test(name)) continue
    complaints.addAtKey(
      [...path, 'answerHeaders', name],
      `the header \`${name}\` never passes`,
      COOKIES.test(name)
        ? 'the session with the upstream is the gateway’s: a cookie of it would let the caller in past the gateway'
        : 'it is the gateway’s own to say, or leads past it',
    )
  }
  return new Map(
    Object.entries(answerHeaders ?? {}).map(([name, value]) => [name, singleDomain(value)]),
  )
}

/** For how many seconds caches of callers may keep an answer; undefined: not at all. */
export function compileCache(
  { cache, match, format }: RouteDocument,
  path: PolicyPath,
  complaints: Complaints,
): number | undefined {
  if (cache === undefined) return undefined
  if (!match.startsWith('GET ')) {
    complaints.addAtKey([...path, 'cache'], 'only answers to GET are kept by caches')
  }
  if (format === 'event-stream') {
    complaints.addAtKey([...path, 'cache'], 'a stream of events is never kept by caches')
  }
  const maxAgeMs = parseDuration(cache.maxAge) ?? 0
  if (maxAgeMs > MAX_AGE_MS_MAX || maxAgeMs % 1_000 !== 0) {
    complaints.add(
      [...path, 'cache', 'maxAge'],
      'a cache keeps answers for whole seconds, at most 1d',
    )
  }
  return maxAgeMs / 1_000
}

/** What answers of the route may leave in. */
export function compileCompress(
  { compress = [], pass }: RouteDocument,
  path: PolicyPath,
  complaints: Complaints,
): readonly AnswerCoding[] {
  if (compress.length > 0 && pass !== undefined) {
    complaints.addAtKey([...path, 'compress'], 'files leave as they came')
  }
  return compress
}
