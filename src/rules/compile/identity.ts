/** Resolves `identity` of a policy: whose tokens are believed, what is asked of whom they name, and who ends them early. */
import type { CompiledPolicy } from '../compiled-policy.ts'
import type { PolicyDocument } from '../policy/document.ts'
import { compileAmbient } from './ambient.ts'
import { compileAssurance, compileTraining } from './assurance.ts'
import type { Complaints } from './complaints.ts'
import { compileDpop } from './dpop.ts'
import { compileIssuers } from './issuers.ts'
import { compileRevocation } from './revocation.ts'
import { compileSession } from './session.ts'

/** The parts of the compiled policy that come of it. */
export type CompiledIdentity = Pick<
  CompiledPolicy,
  'issuers' | 'dpop' | 'ambient' | 'session' | 'assurance' | 'training' | 'revocation'
>

/** What is wrong goes to `complaints`. */
export function compileIdentity(
  document: PolicyDocument,
  complaints: Complaints,
): CompiledIdentity {
  const issuers = compileIssuers(document, complaints)
  const assurance = compileAssurance(document, complaints)
  return {
    issuers,
    dpop: compileDpop(document, complaints),
    ambient: compileAmbient(document, complaints),
    session: compileSession(document, { issuers, levels: assurance }, complaints),
    assurance,
    training: compileTraining(document, complaints),
    revocation: compileRevocation(document, complaints),
  }
}
