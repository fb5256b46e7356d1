/** The verified caller. Everything here was proven by the issuer's signature. */

export interface Subject {
  /** JWT `sub`. */
  readonly id: string
  /** JWT `iss`. */
  readonly issuer: string
  /**
   * What the role claim names, known to the policy or not, in the order of the token. Undefined: the claim has a shape
   * that the policy does not declare.
   */
  readonly claimedRoles: readonly string[] | undefined
  /** JWT `sid`, else `jti`. */
  readonly session: string | undefined
}
