/** What a request shows to say who sends it: one token, and how it was brought. Nothing of it is verified here. */
import { TOKEN_CHARS_MAX } from './compact-token.ts'
import { TokenError } from './errors.ts'

export interface Credential {
  /** How the token was brought: to whoever has it, or bound to a key that the caller must prove to hold. */
  readonly scheme: 'Bearer' | 'DPoP'
  readonly token: string
}

// RFC 6750 2.1 and RFC 9449 7.1; the scheme is case-insensitive (RFC 9110 11.1).
const AUTHORIZATION = /^(bearer|dpop) ([^\s]+)$/i

/** The credential of an `Authorization` header. Throws {@link TokenError} where there is none, or it is of another scheme. */
export function parseAuthorization(authorization: string | undefined): Credential {
  if (authorization === undefined) throw new TokenError('token-missing', 'no Authorization header')
  const [, scheme, token] = AUTHORIZATION.exec(authorization) ?? []
  if (scheme === undefined || token === undefined)
    throw new TokenError('token-missing', 'no token in the Authorization header')
  return credentialOf(scheme.toLowerCase() === 'dpop' ? 'DPoP' : 'Bearer', token)
}

/** The same of a token by itself. Throws {@link TokenError} where it is too long to be looked at. */
export function credentialOf(scheme: Credential['scheme'], token: string): Credential {
  if (token.length > TOKEN_CHARS_MAX) throw new TokenError('token-invalid', 'the token is too long')
  return { scheme, token }
}
