/**
 * The public keys of one issuer at one time: a JWKS (RFC 7517) of which only keys that are fit to verify are used. An
 * unfit key keeps its name, so that a token that it signed is refused and nobody is asked for it again.
 */
import { createLocalJWKSet, errors } from 'jose'
import type { CompactJWSHeaderParameters, CryptoKey, FlattenedJWSInput } from 'jose'
import { IssuerUnavailableError, TokenError } from './errors.ts'
import { isObject } from './strict-json.ts'
import type { Claims } from './strict-json.ts'

/** Keys of one set; more are no key set of an issuer. */
export const KEYS_MAX = 100
/** NIST SP 800-131A Rev. 2; larger ones make each verification slow. */
const RSA_BITS_MIN = 2_048
const RSA_BITS_MAX = 8_192
/** FIPS 186-5, A.1.1: the public exponent is odd and above 2^16. */
const RSA_EXPONENT_MIN = 65_537
const CURVES: ReadonlySet<unknown> = new Set(['P-256', 'P-384', 'P-521'])

export interface KeySet {
  /** True where the set has a key of this name, fit or not. */
  readonly names: (keyId: string | undefined) => boolean
  /** The key that the header names, or undefined where the set has none. Throws TokenError where it does not fit the token. */
  readonly find: (
    header: CompactJWSHeaderParameters,
    token: FlattenedJWSInput,
  ) => Promise<CryptoKey | undefined>
}

/** The set in a document. Throws {@link IssuerUnavailableError} where it is no JWKS, or has more than {@link KEYS_MAX} keys. */
export function keySetOf(document: Claims): KeySet {
  const { keys } = document
  if (!Array.isArray(keys) || keys.length > KEYS_MAX || !keys.every(isObject))
    throw new IssuerUnavailableError('the document of an issuer is no key set')
  const named = new Set(keys.map(({ kid }) => kid))
  const resolve = createLocalJWKSet({ keys: keys.filter(isFitKey) })
  return {
    names: (keyId) => keyId !== undefined && named.has(keyId),
    find: async (header, token) => {
      try {
        return await resolve(header, token)
      } catch (cause) {
        if (cause instanceof errors.JWKSNoMatchingKey && !named.has(header.kid)) return undefined
        // Also where the key cannot be imported: asking the issuer again would bring the same one.
        throw new TokenError('token-invalid', 'no key of the issuer fits the token', { cause })
      }
    },
  }
}

/** True for a public key that is fit to verify with. */
export function isFitKey(key: Claims): boolean {
  const { kty, use, key_ops: operations } = key
  if (use !== undefined && use !== 'sig') return false
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes('verify')))
    return false
  // A published private key is everybody's.
  if (Object.hasOwn(key, 'd')) return false
  if (kty === 'RSA') return isFitRsa(key)
  if (kty === 'EC') return CURVES.has(key['crv'])
  return kty === 'OKP' && key['crv'] === 'Ed25519'
}

function isFitRsa({ n, e }: Claims): boolean {
  const modulus = unsigned(n)
  const exponent = unsigned(e)
  if (modulus === undefined || exponent === undefined) return false
  const bits = modulus.toString(2).length
  return (
    bits >= RSA_BITS_MIN &&
    bits <= RSA_BITS_MAX &&
    exponent >= RSA_EXPONENT_MIN &&
    exponent < modulus &&
    exponent % 2n === 1n
  )
}

// RFC 7518 section 2, Base64urlUInt; longer than any key that is taken is not worth a number.
function unsigned(value: unknown): bigint | undefined {
  if (typeof value !== 'string' || !/^[A-Za-z0-9_-]{1,2048}$/.test(value)) return undefined
  const hex = Buffer.from(value, 'base64url').toString('hex')
  return hex === '' ? undefined : BigInt(`0x${hex}`)
}
