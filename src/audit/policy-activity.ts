/** A policy that was loaded or refused, as OCSF Entity Management (3004). */
import type { PolicyFacts } from '../core/audit-facts.ts'
import type { AuditRecord } from '../core/audit-record.ts'
import { eventHead, metadata, outcome, SEVERITY, type EventKind } from './ocsf.ts'

/** Category and class of what is said of the gateway's own parts. */
export const ENTITY_MANAGEMENT = {
  categoryId: 3,
  category: 'Identity & Access Management',
  classId: 3004,
  class: 'Entity Management',
} as const

const ACTIVITIES: Readonly<
  Record<PolicyFacts['activity'], Pick<EventKind, 'activityId' | 'activity'>>
> = {
  loaded: { activityId: 10, activity: 'Activate' },
  reloaded: { activityId: 3, activity: 'Update' },
  refused: { activityId: 3, activity: 'Update' },
}

/** The record of a load. Its severity is medium where the policy was refused, low where it is looser, else informational. */
export function policyActivity(facts: PolicyFacts): AuditRecord {
  const refused = facts.activity === 'refused'
  const { looser = 0, unclear = 0 } = facts.changes ?? {}
  const loosened = looser + unclear > 0 ? SEVERITY.low : SEVERITY.informational
  const severity = refused ? SEVERITY.medium : loosened
  return {
    id: facts.id,
    type: 'policy',
    severity,
    event: {
      ...eventHead({ ...ENTITY_MANAGEMENT, ...ACTIVITIES[facts.activity] }, severity, facts.timeMs),
      ...outcome(!refused),
      status_detail: facts.activity,
      metadata: metadata(facts.id, []),
      entity: {
        name: 'policies',
        type_id: 5,
        type: 'Policy',
        ...(facts.policy !== undefined && { policy: { uid: facts.policy, is_applied: true } }),
      },
      unmapped: {
        celosia: {
          activity: facts.activity,
          policy_sha256: facts.policy ?? null,
          faults: facts.faults,
          ...(facts.changes !== undefined && { changes: { ...facts.changes } }),
        },
      },
    },
  }
}
