/** From claims that were proven to the subject that they name. */
import type { CompiledPolicy } from '../rules/compiled-policy.ts'
import type { Issuer } from '../rules/trust.ts'
import type { Proof } from './dpop/proof.ts'
import { readRoles } from './roles-claim.ts'
import type { ClaimedRoles } from './roles-claim.ts'
import { isTrained, levelsMet } from './standing.ts'
import type { Subject } from './subject.ts'
import type { TokenClaims } from './token-claims.ts'

/** What the policy says of tokens. */
export type TrustPolicy = Pick<CompiledPolicy, 'issuers' | 'assurance' | 'training' | 'dpop'>

/** What claims say of roles: they say the same each time they are asked. */
export type RolesRead = WeakMap<TokenClaims['all'], ClaimedRoles>

/** Claims, and what they are held against. */
export interface Checked {
  readonly checked: TokenClaims
  readonly issuer: Issuer
  readonly policy: Pick<TrustPolicy, 'assurance' | 'training'>
  readonly nowMs: number
}

/** The subject, as it stands now. */
export function toSubject(
  { checked, issuer, policy, nowMs }: Checked,
  proof: Proof | undefined,
  roles: RolesRead,
): Subject {
  const { all, sub, sid, jti, iat } = checked
  let claimedRoles = roles.get(all)
  if (claimedRoles === undefined) {
    claimedRoles = readRoles(checked, issuer.roles)
    roles.set(all, claimedRoles)
  }
  const { assurance, training } = policy
  return {
    id: sub,
    issuer: issuer.issuer,
    session: sid ?? jti,
    jti,
    sid,
    issuedS: iat,
    claimedRoles,
    assurance: levelsMet(assurance.values(), all, nowMs),
    trained: training === undefined || isTrained(training, all, nowMs),
    proof,
  }
}
