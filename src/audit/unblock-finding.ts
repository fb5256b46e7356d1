/** Responses to look-ups that somebody ended before their time: the finding is closed, as OCSF Detection Finding (2004). */
import type { UnblockFacts } from '../core/finding-facts.ts'
import type { AuditRecord } from '../core/audit-record.ts'
import { DETECTION_FINDING } from './detection-finding.ts'
import { eventHead, metadata, SEVERITY } from './ocsf.ts'

const CLOSED = { ...DETECTION_FINDING, activityId: 3, activity: 'Close' } as const

/** The record of it. Its severity is low: somebody took a decision, and stands by it with a name. */
export function unblockFinding(facts: UnblockFacts): AuditRecord {
  const severity = SEVERITY.low
  const { id, by, per, owner, rules } = facts
  const timeMs = Math.round(facts.timeMs)
  return {
    id,
    type: 'finding',
    severity,
    event: {
      ...eventHead(CLOSED, severity, timeMs),
      status_id: 4,
      status: 'Resolved',
      message:
        per === 'counters'
          ? `${by.toWellFormed()} took what the counters have for all that was counted: ${rules.join(', ')}`
          : `${by.toWellFormed()} emptied the windows of ${per} ${owner.toWellFormed()}: ${rules.join(', ')}`,
      metadata: metadata(id, []),
      finding_info: {
        uid: id,
        title: 'Responses to look-ups ended',
        types: ['Look-ups'],
        created_time: timeMs,
      },
      policy: { uid: facts.policy },
      unmapped: {
        celosia: {
          rule: 'unblock',
          policy_sha256: facts.policy,
          classes: [],
          per,
          owner: owner.toWellFormed(),
          rules,
          by: by.toWellFormed(),
        },
      },
    },
  }
}
