/** What the audit needs of signatures. keys/ provides it; the audit stays free of keys. */
import type { JsonValue } from './audit-record.ts'

/** What is signed: an object. */
export type SignedClaims = Readonly<Record<string, JsonValue>>

/** Signs with one version of one key. */
export interface JwsSigner {
  /** `kid` of its signatures: the thumbprint of the public key (RFC 7638). */
  readonly keyId: string
  /** Version of the key in the policy. */
  readonly version: number
  /** The public key as a JWK (RFC 7517) with `kid`, `alg` and `use`. */
  readonly publicJwk: Readonly<Record<string, string>>
  /** A JWS in compact serialization (RFC 7515 3.1) of the claims as JSON, `type` as its `typ`. */
  readonly sign: (claims: SignedClaims, type: string) => Promise<string>
}

/** The claims of a JWS of this `typ` by a known key, or undefined where it is none. */
export type JwsVerifier = (jws: string, type: string) => Promise<SignedClaims | undefined>
