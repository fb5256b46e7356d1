/** Headers that lead a caller on, `Location` and `Link`: to routes of the gateway, or nowhere. */
import { readerFor } from '../cursors.ts'
import type { Exchange } from '../exchange.ts'
import { RefusedError } from '../refused.ts'
import type { Services } from '../services.ts'
import type { UpstreamHead } from './admit.ts'

/** Redirects with the method that the next request has (RFC 9110 15.4); `same`: that of this one. */
const REDIRECTS: ReadonlyMap<number, 'GET' | 'same' | 'GET if same'> = new Map([
  // What clients make of a POST differs: only where both readings are one.
  [301, 'GET if same'],
  [302, 'GET if same'],
  [303, 'GET'],
  [307, 'same'],
  [308, 'same'],
])
const CREATED = 201
/** Longest `Link`, and links in it. */
const LINK_CHARS_MAX = 8_192
const LINKS_MAX = 20
/** RFC 8288 3: a target and its parameters. */
const LINK_VALUE =
  /\s*<([^<>]*)>((?:\s*;\s*[a-zA-Z0-9*_-]+(?:\s*=\s*(?:[^\s",;<>]+|"[^"\\]*"))?)*)\s*(?:,|$)/y
const RELATION = /;\s*rel\s*=\s*(?:"([^"]*)"|([^\s",;]+))/gi

/** True for a status that sends the caller on. */
export function isRedirect(statusCode: number): boolean {
  return REDIRECTS.has(statusCode)
}

/**
 * `Location` of a redirect or of what was created, led to the gateway. Throws {@link RefusedError} for a redirect that the route does
 * not lead on, or that leads elsewhere; what was created simply has no address then.
 */
export function locationHeader(
  head: UpstreamHead,
  exchange: Exchange,
  services: Services,
): Record<string, string> {
  const redirect = isRedirect(head.statusCode)
  if (!redirect && head.statusCode !== CREATED) return {}
  const { location } = head.headers
  const method = redirect ? nextMethod(head.statusCode, exchange) : 'GET'
  const led =
    method !== undefined && typeof location === 'string' && exchange.match?.route.redirects === true
      ? leadTo(location, method, exchange, services)
      : undefined
  if (redirect && led === undefined) throw new RefusedError('upstream-redirect-refused')
  return led === undefined ? {} : { location: led }
}

/** `Link` with the relations that the route lists, each led to the gateway; anything else is left out. */
export function linkHeader(
  { headers }: UpstreamHead,
  exchange: Exchange,
  services: Services,
): Record<string, string> {
  const listed = exchange.match?.route.linkRelations
  if (listed === undefined || listed.size === 0 || headers['link'] === undefined) return {}
  const links = readLinks([headers['link']].flat().join(', ')).flatMap(({ target, relation }) => {
    const led = listed.has(relation) ? leadTo(target, 'GET', exchange, services) : undefined
    return led === undefined ? [] : [`<${led}>; rel="${relation}"`]
  })
  return links.length === 0 ? {} : { link: links.join(', ') }
}

function nextMethod(statusCode: number, { raw }: Exchange): string | undefined {
  const own = raw.method === 'HEAD' ? 'GET' : raw.method
  switch (REDIRECTS.get(statusCode)) {
    case 'GET':
      return 'GET'
    case 'same':
      return own
    default:
      return own === 'GET' ? own : undefined
  }
}

function leadTo(
  link: string,
  method: string,
  exchange: Exchange,
  services: Services,
): string | undefined {
  const upstream = exchange.match?.route.upstream
  if (upstream === undefined) return undefined
  const reader = readerFor(exchange, services)
  return services.policy.links?.rewrite(link, { upstream, method, reader })
}

interface ReadLink {
  readonly target: string
  readonly relation: string
}

/** The links that have one relation; none where the text as a whole is not of the form. */
function readLinks(text: string): readonly ReadLink[] {
  if (text.length > LINK_CHARS_MAX) return []
  const links: ReadLink[] = []
  const pattern = new RegExp(LINK_VALUE)
  while (pattern.lastIndex < text.length) {
    const [, target, parameters] = pattern.exec(text) ?? []
    if (target === undefined || parameters === undefined || links.length >= LINKS_MAX) return []
    const relations = [...parameters.matchAll(RELATION)].map(([, quoted, token]) => quoted ?? token)
    const [relation, second] = relations
    links.push({ target, relation: second === undefined ? (relation ?? '') : '' })
  }
  return links
}
