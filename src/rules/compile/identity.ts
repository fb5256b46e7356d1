/** Resolves `identity` of a policy: whose tokens are believed, what is asked of whom they name, and who ends them early. */
import type { CompiledPolicy } from '../compiled-policy.ts'
import type { PolicyDocument } from '../policy/document.ts'
import { compileAmbient } from './ambient.ts'
import { compileAssurance, compileTraining } from './assurance.ts'
import type { Complaints } from './complaints.ts'
import { compileDpop } from './dpop.ts'
import { compileIssuers } from './issuers.ts'
import { compileRevocation } from './revocation.ts'

/** The parts of the compiled policy that come of it. */
export type CompiledIdentity = Pick<
  CompiledPolicy,
  'issuers' | 'dpop' | 'ambient' | 'assurance' | 'training' | 'revocation'
>

/** What is wrong goes to `complaints`. */
export function compileIdentity(
  document: PolicyDocument,
  complaints: Complaints,
): CompiledIdentity {
  return {
    issuers: compileIssuers(document, complaints),
    dpop: compileDpop(document, complaints),
    ambient: compileAmbient(document, complaints),
    assurance: compileAssurance(document, complaints),
    training: compileTraining(document, complaints),
    revocation: compileRevocation(document, complaints),
  }
}
