/** Whether the gateway may be sent requests, as operators are told. */
import type { CompiledPolicy } from '../rules/compiled-policy.ts'
import type { Readiness } from './admin.ts'
import type { App } from './app.ts'
import type { SharedServices } from './shared-services.ts'

/** What it depends on, now. */
export interface ReadinessParts {
  readonly policy?: { readonly compiled: CompiledPolicy }
  readonly app?: App
  readonly services: Pick<SharedServices, 'revocations'>
  /** Of what all policies have in common. */
  readonly problems: readonly string[]
}

/** Each problem is a reason not to be ready; notes are none. */
export function readinessOf({
  policy: loaded,
  app,
  services,
  problems,
}: ReadinessParts): Readiness {
  const policy = loaded?.compiled
  const all = [...problems, ...logProblems(policy, services), ...(app?.selfTest?.problems() ?? [])]
  const notes = app?.selfTest?.notes() ?? []
  const told = { ready: all.length === 0, problems: all, policy: policy?.sha256 ?? '' }
  return notes.length === 0 ? told : { ...told, notes }
}

// A log that the policy does not ask for may be as it likes. Without that of grants, everything but break-glass goes on.
function logProblems(
  policy: CompiledPolicy | undefined,
  { revocations }: ReadinessParts['services'],
): readonly string[] {
  const problem = policy?.revocation === undefined ? undefined : revocations.problem()
  return problem === undefined ? [] : [`revocations: ${problem}`]
}
