/** The metadata that an issuer publishes about itself. */
import { fetchDocument } from './bounded-fetch.ts'
import { IssuerUnavailableError } from './errors.ts'

/** Where each kind of metadata is. */
const ADDRESSES = {
  /** OpenID Connect Discovery 1.0 section 4: below the issuer. */
  openid: (issuer: string) => `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`,
  /** OpenID Shared Signals Framework 1.0 section 7.2: between host and path. */
  ssf: (issuer: string) => {
    const { origin, pathname } = new URL(issuer)
    return `${origin}/.well-known/ssf-configuration${pathname.replace(/\/$/, '')}`
  },
} as const

/** Addresses of an issuer; each is http or https, and https where the issuer is. */
export interface IssuerMetadata {
  readonly jwksUrl: string
  /** RFC 8414 section 2; undefined where it has none. */
  readonly introspectionUrl: string | undefined
}

/**
 * The metadata of `issuer`. Throws {@link IssuerUnavailableError} where they cannot be had, name another
 * issuer, or lead over a weaker connection.
 */
export async function discover(
  issuer: string,
  kind: keyof typeof ADDRESSES,
): Promise<IssuerMetadata> {
  const document = await fetchDocument({ url: ADDRESSES[kind](issuer) })
  if (document['issuer'] !== issuer)
    throw new IssuerUnavailableError('the discovery document is of another issuer')
  const jwksUrl = addressOf(document['jwks_uri'], issuer)
  if (jwksUrl === undefined)
    throw new IssuerUnavailableError('the discovery document names no keys')
  return { jwksUrl, introspectionUrl: addressOf(document['introspection_endpoint'], issuer) }
}

function addressOf(value: unknown, issuer: string): string | undefined {
  if (typeof value !== 'string') return undefined
  const scheme = URL.parse(value)?.protocol
  if (scheme === 'https:' || (scheme !== undefined && scheme === URL.parse(issuer)?.protocol))
    return value
  throw new IssuerUnavailableError('the discovery document leads over a weaker connection')
}
