/**
 * Proofs of possession (RFC 9449 4.3): the caller holds the key that its token is bound to, and made the proof for this request.
 * Whether it was used before, and whether its nonce is one of the gateway's, is asked elsewhere.
 */
import { createHash } from 'node:crypto'
import { calculateJwkThumbprint, EmbeddedJWK, errors, jwtVerify } from 'jose'
import type { JWK } from 'jose'
import type { DpopRules } from '../../rules/trust.ts'
import type { ClientCertificate } from '../client-certificate.ts'
import { checkType, parseCompactProof } from '../compact-token.ts'
import type { CompactToken } from '../compact-token.ts'
import { TokenError } from '../errors.ts'
import { isFitKey } from '../key-set.ts'
import { isObject } from '../strict-json.ts'
import type { Claims } from '../strict-json.ts'
import { idOf, SKEW_S } from '../token-claims.ts'

/** How long ago a proof may have been made, beside the tolerated difference of clocks. */
const PROOF_AGE_S = 60
/**
 * A proof is good for so long after it is first seen, at most, and somewhat longer where the clocks of two instances differ: so long it
 * must be remembered.
 */
export const PROOF_KEPT_MS = (PROOF_AGE_S + 3 * SKEW_S) * 1_000
const TYPES = new Set(['dpop+jwt'])

/** The request that a caller proves to hold a key for. */
export interface ProvenRequest {
  readonly method: string
  /** Path as it was sent, without its query; canonical. */
  readonly path: string
  /** The `DPoP` header. */
  readonly proof: string | undefined
  /** The certificate of the caller's own connection; undefined: none, or that of somebody in between. */
  readonly certificate: ClientCertificate | undefined
}

/** What is known of a proof that is good for its request. */
export interface Proof {
  /** Of the key and the proof's `jti`: the same for two texts of one proof. */
  readonly id: string
  /** Thumbprint of the key (RFC 7638). */
  readonly key: string
  /** Undefined: it has none, or none that could be the gateway's. */
  readonly nonce: string | undefined
}

/**
 * Verifies the proof for a token with these claims, which must have been verified before. Throws {@link TokenError}: `token-invalid`
 * where the token is bound to no key, else `proof-invalid`.
 */
export async function verifyProof(
  { proof, method, path }: ProvenRequest,
  { token, claims }: Pick<CompactToken, 'token' | 'claims'>,
  { origins, algorithms }: DpopRules,
  nowMs: number,
): Promise<Proof> {
  const key = boundTo(claims)
  if (proof === undefined) throw invalid('there is no proof')
  const parsed = parse(proof)
  const { jti, iat, htm, htu, ath, nonce } = parsed.claims
  const id = idOf(jti)
  if (id === undefined) throw invalid('the proof has no id')
  const ageS = nowMs / 1_000 - (typeof iat === 'number' ? iat : Number.NaN)
  if (!(ageS >= -SKEW_S && ageS <= PROOF_AGE_S + SKEW_S))
    throw invalid('the proof was not made now')
  if (htm !== method) throw invalid('the proof is for another method')
  if (!isAddress(htu, path, origins)) throw invalid('the proof is for another address')
  if (ath !== digest(token)) throw invalid('the proof is for another token')
  if (key !== (await thumbprint(parsed))) throw invalid('the proof is of another key')
  await verifySignature(parsed.token, algorithms, nowMs)
  return { id: digest(`${key}.${id}`), key, nonce: idOf(nonce) }
}

/** True where the token is only for who proves to hold a key, in whatever way (RFC 7800 3). */
export function isBound(claims: Claims): boolean {
  // RFC 9449 5: an issuer that is asked may say so by the type alone.
  const type = claims['token_type']
  return claims['cnf'] !== undefined || (typeof type === 'string' && type.toLowerCase() === 'dpop')
}

// RFC 9449 6.1. A second confirmation would be one that nobody checks.
function boundTo({ cnf }: Claims): string {
  const names = isObject(cnf) ? Object.keys(cnf) : []
  const key = isObject(cnf) ? cnf['jkt'] : undefined
  if (names.length !== 1 || typeof key !== 'string')
    throw new TokenError('token-invalid', 'the token is not bound to a key')
  return key
}

function parse(proof: string): CompactToken {
  try {
    const parsed = parseCompactProof(proof)
    checkType(parsed, TYPES)
    return parsed
  } catch (cause) {
    if (cause instanceof TokenError) throw invalid('the proof is malformed', cause)
    throw cause
  }
}

// RFC 9449 4.3: without query and fragment, after normalization of scheme and host.
function isAddress(htu: unknown, path: string, origins: ReadonlySet<string>): boolean {
  const url = typeof htu === 'string' ? URL.parse(htu) : null
  if (url === null || url.username !== '' || url.password !== '') return false
  return origins.has(url.origin) && url.pathname === path
}

async function thumbprint({ header }: CompactToken): Promise<string> {
  const { jwk } = header
  if (!isObject(jwk) || !isFitKey(jwk)) throw invalid('the key of the proof is none to verify with')
  return refusing(calculateJwkThumbprint(jwk as JWK, 'sha256'))
}

// And the times of any token, where it has them.
async function verifySignature(
  proof: string,
  algorithms: readonly string[],
  nowMs: number,
): Promise<void> {
  await refusing(
    jwtVerify(proof, EmbeddedJWK, {
      algorithms: [...algorithms],
      clockTolerance: SKEW_S,
      currentDate: new Date(nowMs),
    }),
  )
}

async function refusing<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (cause) {
    // Also what Web Crypto says of a key that it cannot import.
    if (
      cause instanceof errors.JOSEError ||
      cause instanceof TypeError ||
      cause instanceof DOMException
    )
      throw invalid('the proof does not verify', cause)
    throw cause
  }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}

function invalid(message: string, cause?: unknown): TokenError {
  return new TokenError('proof-invalid', message, cause === undefined ? undefined : { cause })
}
