/** Puts each change of the policy on record. */
import { policyActivity } from '../audit/policy-activity.ts'
import type { PolicyChangeCounts, PolicyFacts } from '../core/audit-facts.ts'
import type { CompiledPolicy } from '../rules/compiled-policy.ts'
import type { SharedServices } from './shared-services.ts'

/** Never rejects: a change stands also where its record cannot be written, since what the policy lets out is recorded by itself. */
export function policyRecorder(
  { audit, metrics, log, clock, ids }: SharedServices,
  inForce: () => CompiledPolicy | undefined,
) {
  return async (
    activity: PolicyFacts['activity'],
    faults: number,
    changes?: PolicyChangeCounts,
  ): Promise<void> => {
    metrics.policyLoaded(activity !== 'refused', clock.nowMs())
    const policy = inForce()?.sha256
    try {
      await audit.append([
        policyActivity({ id: ids(), timeMs: clock.nowMs(), activity, policy, faults, changes }),
      ])
    } catch (error) {
      log.failure('policy change not recorded', error)
    }
  }
}
