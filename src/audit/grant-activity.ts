/** What was said of a grant of break-glass, as OCSF Entity Management (3004). */
import type { GrantFacts } from '../core/audit-facts.ts'
import type { AuditRecord } from '../core/audit-record.ts'
import { ENTITY_MANAGEMENT } from './policy-activity.ts'
import { eventHead, metadata, outcome, SEVERITY } from './ocsf.ts'

const ACTIVITIES = {
  requested: { activityId: 1, activity: 'Create' },
  approved: { activityId: 10, activity: 'Activate' },
  revoked: { activityId: 11, activity: 'Deactivate' },
  reviewed: { activityId: 3, activity: 'Update' },
} as const

/** The record. An approval is of medium severity, since it opens something; else informational. */
export function grantActivity(facts: GrantFacts): AuditRecord {
  const severity = facts.activity === 'approved' ? SEVERITY.medium : SEVERITY.informational
  return {
    id: facts.id,
    type: 'grant',
    severity,
    event: {
      ...eventHead({ ...ENTITY_MANAGEMENT, ...ACTIVITIES[facts.activity] }, severity, facts.timeMs),
      ...outcome(true),
      status_detail: facts.activity,
      metadata: metadata(facts.id, []),
      entity: { uid: facts.grant, name: 'grant', type_id: 99, type: 'Other' },
      unmapped: {
        celosia: {
          activity: facts.activity,
          grant: facts.grant,
          by: facts.by ?? null,
          subject: facts.subject?.id ?? null,
          issuer: facts.subject?.issuer ?? null,
          classes: facts.classes,
        },
      },
    },
  }
}
