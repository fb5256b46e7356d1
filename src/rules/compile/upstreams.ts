/** Resolves upstreams: addresses, headers and timeouts, each checked. */
import { parseDuration } from '../../core/duration.ts'
import type { Place, Upstream } from '../compiled-policy.ts'
import type { PolicyDocument } from '../policy/document.ts'
import type { UpstreamDocument } from '../policy/listen-document.ts'
import type { Complaints } from './complaints.ts'
import { httpUrl, placeOf } from './http-url.ts'

const CONNECT_TIMEOUT_MS = 5_000
const ANSWER_TIMEOUT_MS = 30_000
/** Longer ones would overflow the timers that they are given to, and fire at once. */
const TIMEOUT_MS_MAX = 3_600_000

/** Headers that belong to the connection or to the gateway (RFC 9110 7.6.1), never to a policy. */
const FIXED_HEADERS = new Set([
  'accept-encoding',
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** The upstreams by name. What is wrong with one goes to `complaints`. */
export function compileUpstreams(
  document: PolicyDocument,
  complaints: Complaints,
): ReadonlyMap<string, Upstream> {
  const upstreams = new Map<string, Upstream>()
  for (const [name, entry] of Object.entries(document.upstreams)) {
    const url = httpUrl(['upstreams', name, 'url'], entry.url, complaints)
    for (const header of Object.keys(entry.headers ?? {})) {
      if (FIXED_HEADERS.has(header)) {
        complaints.addAtKey(
          ['upstreams', name, 'headers', header],
          `the header \`${header}\` is set by the gateway`,
        )
      }
    }
    for (const [header, value] of Object.entries(entry.headers ?? {})) {
      if (/[^\t\x20-\x7e]/.test(value))
        complaints.add(['upstreams', name, 'headers', header], 'a header value is printable ASCII')
    }
    for (const [timeout, value] of Object.entries(entry.timeouts ?? {})) {
      if ((parseDuration(value) ?? 0) > TIMEOUT_MS_MAX)
        complaints.add(['upstreams', name, 'timeouts', timeout], 'a timeout is at most 1h')
    }
    if (url === undefined) continue
    upstreams.set(name, {
      name,
      ...placeOf(url),
      host: url.host,
      headers: { ...entry.headers },
      connectTimeoutMs: parseDuration(entry.timeouts?.connect ?? '') ?? CONNECT_TIMEOUT_MS,
      answerTimeoutMs: parseDuration(entry.timeouts?.answer ?? '') ?? ANSWER_TIMEOUT_MS,
      places: compilePlaces(url, name, entry, complaints),
      codings: entry.codings ?? [],
    })
  }
  return upstreams
}

function compilePlaces(
  url: URL,
  name: string,
  { origins = [] }: UpstreamDocument,
  complaints: Complaints,
): readonly Place[] {
  const others = origins.flatMap((text, index) => {
    const other = httpUrl(['upstreams', name, 'origins', index], text, complaints)
    return other === undefined ? [] : [placeOf(other)]
  })
  // A prefix may be the beginning of another one: the longer is tried first.
  return [placeOf(url), ...others].toSorted((a, b) => b.pathPrefix.length - a.pathPrefix.length)
}
