/** Signatures as JWS (RFC 7515) by an Ed25519 or P-256 key, and the check of such signatures by a set of public keys. */
import { createPrivateKey, createPublicKey, hash } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { compactVerify, CompactSign, createLocalJWKSet, errors } from 'jose'
import type { JSONWebKeySet, JWK } from 'jose'
import type { JwsSigner, JwsVerifier, SignedClaims } from '../core/signing.ts'
import { KeyInvalidError } from './errors.ts'

/** RFC 9864 and RFC 7518. */
const ALGORITHMS = ['Ed25519', 'ES256'] as const
const JWS_CHARACTERS_MAX = 65_536
const NO_KEY =
  'the key is no private key of Ed25519 or P-256: PEM (PKCS #8), or a JWK; make one with `openssl genpkey -algorithm ed25519`'

export interface SigningKey {
  /** A private key in PEM (PKCS #8) or as a JWK. */
  readonly text: string
  readonly version: number
}

/** Throws {@link KeyInvalidError} where the text is no private key of the two kinds. */
export function createJwsSigner({ text, version }: SigningKey): JwsSigner {
  const key = parsePrivateKey(text)
  const algorithm = algorithmOf(key)
  const jwk = createPublicKey(key).export({ format: 'jwk' }) as Record<string, string>
  const keyId = thumbprintOf(jwk)
  return {
    keyId,
    version,
    publicJwk: { ...jwk, kid: keyId, alg: algorithm, use: 'sig' },
    sign: (claims, type) =>
      new CompactSign(Buffer.from(JSON.stringify(claims)))
        .setProtectedHeader({ alg: algorithm, kid: keyId, typ: type })
        .sign(key),
  }
}

/** RFC 7638 3: of the required members, in this order; a key of Ed25519 has no `y`. */
function thumbprintOf({ crv, kty, x, y }: Record<string, string>): string {
  return hash('sha256', JSON.stringify({ crv, kty, x, y }), 'base64url')
}

function parsePrivateKey(text: string): KeyObject {
  try {
    return text.trimStart().startsWith('{')
      ? createPrivateKey({ key: JSON.parse(text) as JWK, format: 'jwk' })
      : createPrivateKey(text)
  } catch {
    // Without the cause: it may quote the text.
    throw new KeyInvalidError(NO_KEY)
  }
}

function algorithmOf(key: KeyObject): (typeof ALGORITHMS)[number] {
  if (key.asymmetricKeyType === 'ed25519') return 'Ed25519'
  const curve = key.asymmetricKeyDetails?.namedCurve
  if (key.asymmetricKeyType === 'ec' && curve === 'prime256v1') return 'ES256'
  throw new KeyInvalidError(NO_KEY)
}

/** A check by the keys of a JWKS (RFC 7517 5). Throws {@link KeyInvalidError} where the text is none. */
export function createJwsVerifier(jwksText: string): JwsVerifier {
  const keyOf = createLocalJWKSet(parseKeySet(jwksText))
  return async (jws, type) => {
    if (jws.length > JWS_CHARACTERS_MAX) return undefined
    try {
      const { payload, protectedHeader } = await compactVerify(jws, keyOf, {
        algorithms: [...ALGORITHMS],
      })
      return protectedHeader.typ === type ? claimsOf(payload) : undefined
    } catch (error) {
      if (error instanceof errors.JOSEError || error instanceof SyntaxError) return undefined
      throw error
    }
  }
}

function parseKeySet(text: string): JSONWebKeySet {
  try {
    const value = JSON.parse(text) as { readonly keys?: unknown }
    if (Array.isArray(value.keys)) return value as JSONWebKeySet
  } catch {
    throw new KeyInvalidError('the public keys are no JSON')
  }
  throw new KeyInvalidError('the public keys are no JWKS: an object with a list `keys`')
}

function claimsOf(payload: Uint8Array): SignedClaims | undefined {
  const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload))
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as SignedClaims)
    : undefined
}
