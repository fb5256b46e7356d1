/**
 * The parts of a link (RFC 3986), read strictly: what two readers could take for two places is no link. Nothing is decoded,
 * joined or resolved.
 */

/** Longest link. */
const CHARS_MAX = 8_192
/** Scheme and authority, authority alone, or neither; then an absolute path, a query and a fragment. */
const LINK =
  /^(?:(?:(https?):)?\/\/([A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::([0-9]{1,5}))?)?(\/[^?#]*)?(\?[^#]*)?(?:#.*)?$/i
/** RFC 3986 2: nothing else stands in a URI. White space and backslashes are what browsers take for something else. */
const URI = /^[A-Za-z0-9._~:/?#[\]@!$&'()*+,;=%-]+$/
const DEFAULT_PORTS: Readonly<Record<string, string>> = { http: '80', https: '443' }
const SCHEMES = ['https', 'http'] as const

/** Where a link leads. */
export interface LinkText {
  /** `https://host:port` in lower case, without a usual port; without a scheme, one for each; none: no host is named. */
  readonly origins: readonly string[]
  /** Whether a host is named. */
  readonly absolute: boolean
  /** Path and query as they stand; the fragment is left out. */
  readonly target: string
}

/** The parts, or undefined where the text is no link with an absolute path over HTTP, or names a user. */
export function parseLink(text: string): LinkText | undefined {
  if (text.length > CHARS_MAX || !URI.test(text)) return undefined
  const [, scheme, host, port, path, query = ''] = LINK.exec(text) ?? []
  const absolute = host !== undefined
  if (path === undefined && !absolute) return undefined
  const schemes = scheme === undefined ? SCHEMES : [scheme.toLowerCase()]
  const origins = absolute ? schemes.map((one) => originOf(one, host, port)) : []
  return { origins, absolute, target: (path ?? '/') + query }
}

/** The one spelling of an origin (RFC 6454 6.1), as {@link parseLink} gives it. */
export function originOf(scheme: string, host: string, port: string | undefined): string {
  const usual = port === undefined || Number(port) === Number(DEFAULT_PORTS[scheme])
  return `${scheme}://${host.toLowerCase()}${usual ? '' : `:${Number(port)}`}`
}
