/** A look-up rule whose threshold was passed, as OCSF Detection Finding (2004). */
import type { FindingFacts } from '../core/audit-facts.ts'
import type { AuditRecord } from '../core/audit-record.ts'
import { API_ACTIVITY } from './api-activity.ts'
import { actor, CONTROL, endpoint, eventHead, metadata, SEVERITY } from './ocsf.ts'

/** Category and class of all findings. */
export const DETECTION_FINDING = {
  categoryId: 2,
  category: 'Findings',
  classId: 2004,
  class: 'Detection Finding',
  activityId: 1,
  activity: 'Create',
} as const

/** The record of a finding. Its severity is medium. */
export function detectionFinding(facts: FindingFacts): AuditRecord {
  const timeMs = Math.round(facts.timeMs)
  const blocked = facts.actions.includes('block')
  return {
    id: facts.id,
    type: 'finding',
    severity: SEVERITY.medium,
    event: {
      ...eventHead(DETECTION_FINDING, SEVERITY.medium, timeMs),
      status_id: 1,
      status: 'New',
      is_alert: true,
      ...(blocked ? CONTROL.denied : CONTROL.observed),
      metadata: metadata(facts.id, ['host', 'security_control'], facts.requestId),
      actor: actor(facts.subject),
      evidences: [{ src_endpoint: endpoint(facts.address) }],
      finding_info: {
        uid: facts.id,
        title: titleOf(facts),
        types: ['Look-ups'],
        analytic: { type_id: 1, type: 'Rule', name: facts.rule },
        created_time: timeMs,
        first_seen_time: timeMs - facts.withinMs,
        last_seen_time: timeMs,
        related_events: [{ uid: facts.accessId, type: API_ACTIVITY.class }],
      },
      policy: { uid: facts.policy },
      unmapped: {
        celosia: {
          rule: facts.rule,
          counted: facts.counted,
          policy_sha256: facts.policy,
          classes: facts.classes,
          ...(facts.per !== 'subject' && { per: facts.per }),
          ...(facts.owner !== undefined && { owner: facts.owner }),
          observed: facts.observed ?? null,
          over: facts.over,
          within_ms: facts.withinMs,
          actions: facts.actions,
          access_id: facts.accessId,
          ...(facts.claimedAddress !== undefined && { claimed_address: facts.claimedAddress }),
        },
      },
    },
  }
}

function titleOf({ rule, observed, over }: FindingFacts): string {
  if (observed === undefined) return `Look-ups not counted, the counters are away: ${rule}`
  return over === 0 ? `First look: ${rule}` : `Look-ups over the threshold: ${rule}`
}
