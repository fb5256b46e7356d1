/** From the Authorization header to a subject. Algorithms, issuer and audience are the policy's, never the token's. */
import { errors, jwtVerify } from 'jose'
import type { JWTPayload } from 'jose'
import type { Clock } from '../core/clock.ts'
import type { Issuer } from '../rules/compiled-policy.ts'
import { parseCompactToken } from './compact-token.ts'
import type { CompactToken } from './compact-token.ts'
import { IssuerUnavailableError, TokenError } from './errors.ts'
import { createKeySource } from './key-source.ts'
import type { KeySource } from './key-source.ts'
import { readRoles } from './roles-claim.ts'
import type { Subject } from './subject.ts'

/** Tolerated difference of clocks. */
const SKEW_S = 30
/** Longest life of a token, from `iat` to `exp`. */
const LIFE_S_MAX = 86_400
const ID_CHARS_MAX = 512
// RFC 6750 2.1; the scheme is case-insensitive (RFC 9110 11.1).
const BEARER = /^bearer ([^\s]+)$/i

export interface TokenVerifier {
  /**
   * Verifies the bearer token. Throws TokenError (401) or IssuerUnavailableError (503).
   */
  readonly verify: (authorization: string | undefined) => Promise<Subject>
  /** Fetches the keys of all issuers once. Throws IssuerUnavailableError naming the first that fails. */
  readonly prepare: () => Promise<void>
}

interface TrustedIssuer {
  readonly issuer: Issuer
  readonly keys: KeySource
}

export function createTokenVerifier(issuers: readonly Issuer[], clock: Clock): TokenVerifier {
  const trusted = new Map<string, TrustedIssuer>(
    issuers.map((issuer) => [issuer.issuer, { issuer, keys: createKeySource(issuer) }]),
  )
  return {
    prepare: async () => {
      await Promise.all([...trusted.values()].map(({ keys }) => keys.prepare()))
    },
    verify: async (authorization) => {
      const parsed = parseCompactToken(bearerToken(authorization))
      const found = trusted.get(parsed.claimedIssuer)
      if (found === undefined) throw new TokenError('token-invalid', 'the issuer is not trusted')
      const claims = await verifySignature(parsed, found, clock)
      checkLife(claims)
      return toSubject(claims, parsed, found.issuer)
    },
  }
}

function bearerToken(authorization: string | undefined): string {
  if (authorization === undefined) throw new TokenError('token-missing', 'no Authorization header')
  const token = BEARER.exec(authorization)?.[1]
  if (token === undefined) throw new TokenError('token-missing', 'no bearer token')
  return token
}

async function verifySignature(
  parsed: CompactToken,
  { issuer, keys }: TrustedIssuer,
  clock: Clock,
): Promise<JWTPayload> {
  try {
    const { payload } = await jwtVerify(
      parsed.token,
      (header, token) => keys.keyFor(header, token),
      {
        algorithms: [...issuer.algorithms],
        issuer: issuer.issuer,
        audience: issuer.audience,
        requiredClaims: ['exp', 'iat', 'sub'],
        maxTokenAge: LIFE_S_MAX,
        clockTolerance: SKEW_S,
        currentDate: new Date(clock.nowMs()),
      },
    )
    return payload
  } catch (cause) {
    if (cause instanceof TokenError || cause instanceof IssuerUnavailableError) throw cause
    if (cause instanceof errors.JOSEError || cause instanceof TypeError) {
      throw new TokenError('token-invalid', 'the token does not verify', { cause })
    }
    throw cause
  }
}

function checkLife(claims: JWTPayload): void {
  const { exp, iat } = claims
  // Only the JOSE library's types say that it is a string.
  const sub: unknown = claims.sub
  if (typeof sub !== 'string' || sub === '' || sub.length > ID_CHARS_MAX)
    throw new TokenError('token-invalid', 'the subject is no string, empty or too long')
  if (iat === undefined)
    throw new TokenError('token-invalid', 'the token does not say when it was issued')
  if (exp === undefined || exp - iat > LIFE_S_MAX)
    throw new TokenError('token-invalid', 'the token lives too long')
}

function toSubject(claims: JWTPayload, parsed: CompactToken, issuer: Issuer): Subject {
  const session = sessionOf(claims['sid']) ?? sessionOf(claims.jti)
  const subject = { id: claims.sub ?? '', issuer: issuer.issuer, session }
  return { ...subject, claimedRoles: readRoles(parsed.payload, issuer.roles) }
}

function sessionOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' && value.length <= ID_CHARS_MAX
    ? value
    : undefined
}
