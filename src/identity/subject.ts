/** The verified caller. Everything here was proven by the issuer's signature. */
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
}
