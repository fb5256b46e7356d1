/** Where the credential of a request is: in one place, or there is none. */
import { isNamed } from '../../identity/client-certificate.ts'
import { credentialOf, parseAuthorization } from '../../identity/credential.ts'
import type { Credential } from '../../identity/credential.ts'
import { TokenError } from '../../identity/errors.ts'
import type { AmbientTrust } from '../../rules/trust.ts'
import type { Exchange } from '../exchange.ts'

export type FoundCredential = {
  /** Undefined: the caller put it there on purpose, and no other page could have. */
  readonly ambient: AmbientTrust | undefined
} & (
  | { readonly credential: Credential }
  /** What the cookie of a session holds. */
  | { readonly session: string }
)

/**
 * The one credential. A cookie counts only where there is nothing else, since browsers send it along. Throws {@link TokenError} where
 * there is none, where there are two, and where a proxy's header comes from elsewhere.
 */
export function findCredential(
  exchange: Pick<Exchange, 'raw' | 'address' | 'certificate' | 'timeMs'>,
  ambient: readonly AmbientTrust[],
): FoundCredential {
  const { raw } = exchange
  const { authorization, cookie: cookies } = raw.headers
  const header = ambient.find((trust) => trust.kind === 'header')
  const token = header && raw.headers[header.name]
  if (header !== undefined && token !== undefined) {
    if (authorization !== undefined) throw new TokenError('token-missing', 'two credentials')
    if (!isProxy(header, exchange))
      throw new TokenError('token-missing', 'a token in the header of a proxy that is none')
    return { credential: bearer(token), ambient: header }
  }
  const cookie = ambient.find(({ kind }) => kind === 'cookie' || kind === 'session')
  if (authorization !== undefined || cookie === undefined)
    return { credential: parseAuthorization(authorization), ambient: undefined }
  const value = cookieOf(cookies, cookie.name)
  if (value === undefined) throw new TokenError('token-missing', 'no token')
  return cookie.kind === 'session'
    ? { session: value, ambient: cookie }
    : { credential: bearer(value), ambient: cookie }
}

/** The value of a cookie, or undefined where there is none. Throws {@link TokenError} where there are two of that name. */
export function cookieOf(cookies: string | undefined, name: string): string | undefined {
  const [value, ...others] = valuesOf(cookies ?? '', name)
  if (others.length > 0) throw new TokenError('token-missing', 'two cookies of that name')
  return value
}

function isProxy(
  { networks, certificates }: Extract<AmbientTrust, { readonly kind: 'header' }>,
  { address, certificate, timeMs }: Pick<Exchange, 'address' | 'certificate' | 'timeMs'>,
): boolean {
  if (networks === undefined && certificates === undefined) return false
  if (networks !== undefined && !networks.have(address)) return false
  if (certificates === undefined) return true
  return certificate !== undefined && isNamed(certificate, certificates, timeMs)
}

// RFC 6750 2.1: of two that were joined by a comma, of quotes and of blanks nothing is a token.
function bearer(token: string | readonly string[]): Credential {
  if (typeof token !== 'string' || !/^[A-Za-z0-9._~+/-]+=*$/.test(token))
    throw new TokenError('token-invalid', 'the token has characters that none has')
  return credentialOf('Bearer', token)
}

// RFC 6265 4.2.1; the name is compared as it stands.
function valuesOf(cookies: string, name: string): readonly string[] {
  return cookies.split(';').flatMap((pair) => {
    const text = pair.trim()
    return text.startsWith(`${name}=`) ? [text.slice(name.length + 1)] : []
  })
}
