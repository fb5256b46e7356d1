/** Resolves upstreams and issuers: addresses, headers and timeouts, each checked. */
import { parseDuration } from '../../core/duration.ts'
import type { Issuer, Upstream } from '../compiled-policy.ts'
import type { IssuerDocument, PolicyDocument } from '../policy/document.ts'
import type { PolicyPath } from '../policy/fault.ts'
import { hasPlaceholder } from '../policy/interpolate.ts'
import type { Complaints } from './complaints.ts'

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

/** Stands in for an address whose variable is not set, where only the policy itself is checked. */
const UNSET_URL = 'http://unset.invalid'

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
      origin: url.origin,
      pathPrefix: url.pathname.replace(/\/+$/, ''),
      headers: { ...entry.headers },
      connectTimeoutMs: parseDuration(entry.timeouts?.connect ?? '') ?? CONNECT_TIMEOUT_MS,
      answerTimeoutMs: parseDuration(entry.timeouts?.answer ?? '') ?? ANSWER_TIMEOUT_MS,
      codings: entry.codings ?? [],
    })
  }
  return upstreams
}

/** The issuers in the order of the policy. What is wrong with one goes to `complaints`. */
export function compileIssuers(
  document: PolicyDocument,
  complaints: Complaints,
): readonly Issuer[] {
  const issuers: Issuer[] = []
  const seen = new Set<string>()
  for (const [index, entry] of document.identity.issuers.entries()) {
    const path = ['identity', 'issuers', index]
    if (seen.has(entry.issuer))
      complaints.add([...path, 'issuer'], `the issuer \`${entry.issuer}\` stands twice`)
    seen.add(entry.issuer)
    const roles = complaints.query([...path, 'roles'], entry.roles)
    const keys = compileKeys(path, entry, complaints)
    if (roles === undefined || keys === undefined) continue
    issuers.push({
      issuer: entry.issuer,
      audience: entry.audience,
      algorithms: entry.algorithms,
      roles,
      keys,
    })
  }
  return issuers
}

function compileKeys(
  path: PolicyPath,
  entry: IssuerDocument,
  complaints: Complaints,
): Issuer['keys'] | undefined {
  if (entry.jwks === undefined) {
    return httpUrl([...path, 'issuer'], entry.issuer, complaints) && { kind: 'discovery' as const }
  }
  if ('file' in entry.jwks) return { kind: 'file', file: entry.jwks.file }
  const url = httpUrl([...path, 'jwks', 'url'], entry.jwks.url, complaints)
  return url && { kind: 'url' as const, url: url.href }
}

function httpUrl(path: PolicyPath, text: string, complaints: Complaints): URL | undefined {
  const url = URL.parse(hasPlaceholder(text) ? UNSET_URL : text)
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    complaints.add(path, 'this is not an http or https address')
    return undefined
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    complaints.add(
      path,
      'an address here has no user, query or fragment',
      'put credentials under headers',
    )
    return undefined
  }
  return url
}
