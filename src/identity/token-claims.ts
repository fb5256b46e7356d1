/** What the claims of a token must say, however they were proven: by a signature or by the issuer's own word. */
import type { Issuer } from '../rules/trust.ts'
import { TokenError } from './errors.ts'
import type { Claims } from './strict-json.ts'

/** Tolerated difference of clocks. */
export const SKEW_S = 30
/** Longest `sub`, `sid` and `jti`. */
export const ID_CHARS_MAX = 512

/** Claims with what every token must have. */
export interface TokenClaims {
  readonly all: Claims
  /** The JSON that they were read from. */
  readonly payload: Uint8Array
  readonly sub: string
  /** Seconds since 1970. */
  readonly iat: number
  /** Seconds since 1970. */
  readonly exp: number
  readonly jti: string | undefined
  readonly sid: string | undefined
}

/**
 * The claims where issuer, audience, subject and times are right. `iss` may be missing only where the issuer itself was asked.
 * Throws {@link TokenError}.
 */
export function checkClaims(
  given: Pick<TokenClaims, 'all' | 'payload'>,
  issuer: Issuer,
  nowMs: number,
): TokenClaims {
  const claims = readClaims(given, issuer)
  checkTimes(claims, issuer, nowMs)
  return claims
}

/** The same without regard to what time it is. */
export function readClaims(
  { all, payload }: Pick<TokenClaims, 'all' | 'payload'>,
  issuer: Issuer,
): TokenClaims {
  const { iss, aud, sub, iat, exp } = all
  if (iss !== issuer.issuer && !(iss === undefined && issuer.introspection !== undefined))
    throw invalid('the token is of another issuer')
  if (aud !== issuer.audience && !(Array.isArray(aud) && aud.includes(issuer.audience)))
    throw invalid('the token is for another audience')
  if (typeof sub !== 'string' || sub === '' || sub.length > ID_CHARS_MAX)
    throw invalid('the subject is no string, empty or too long')
  if (typeof iat !== 'number' || typeof exp !== 'number')
    throw invalid('the token does not say when it was issued and when it ends')
  if (exp - iat > issuer.lifeSecondsMax) throw invalid('the token lives too long')
  return { all, payload, sub, iat, exp, jti: idOf(all['jti']), sid: idOf(all['sid']) }
}

/** Throws {@link TokenError} where the token is over, not valid yet, or older than tokens of the issuer may be. */
export function checkTimes({ all, iat, exp }: TokenClaims, issuer: Issuer, nowMs: number): void {
  const nowS = Math.floor(nowMs / 1_000)
  const { nbf } = all
  if (exp <= nowS - SKEW_S) throw invalid('the token has expired')
  if (nbf !== undefined && !(typeof nbf === 'number' && nbf <= nowS + SKEW_S))
    throw invalid('the token is not valid yet')
  if (iat > nowS + SKEW_S) throw invalid('the token was issued in the future')
  if (nowS - iat > issuer.lifeSecondsMax + SKEW_S) throw invalid('the token is too old')
}

/** The value of `sub`, `sid` or `jti`, or undefined where it is none of ours. */
export function idOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' && value.length <= ID_CHARS_MAX
    ? value
    : undefined
}

function invalid(message: string): TokenError {
  return new TokenError('token-invalid', message)
}
