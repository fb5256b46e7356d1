/** The verified caller. Everything here was proven by the issuer's signature. */
import type { Proof } from './dpop/proof.ts'
import type { ClaimedRoles } from './roles-claim.ts'

export interface Subject {
  /** JWT `sub`. */
  readonly id: string
  /** JWT `iss`. */
  readonly issuer: string
  /** What the role claim says: names, known to the policy or not. */
  readonly claimedRoles: ClaimedRoles
  /** JWT `sid`, else `jti`. */
  readonly session: string | undefined
  readonly jti: string | undefined
  readonly sid: string | undefined
  /** JWT `iat`, seconds since 1970. */
  readonly issuedS: number
  /** Names of the assurance levels of the policy that it meets now. */
  readonly assurance: ReadonlySet<string>
  /** False where the policy asks for training, and the last one is too long ago or not known. */
  readonly trained: boolean
  /** How the caller proved to hold the key of its token; undefined: whoever has the token may use it. */
  readonly proof: Proof | undefined
}
