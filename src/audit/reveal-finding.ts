/** Personal data that was revealed for a reason, as OCSF Detection Finding (2004): for those who review reveals. */
import type { RevealFindingFacts } from '../core/audit-facts.ts'
import type { AuditRecord } from '../core/audit-record.ts'
import { API_ACTIVITY } from './api-activity.ts'
import { DETECTION_FINDING } from './detection-finding.ts'
import { actor, CONTROL, endpoint, eventHead, metadata, SEVERITY } from './ocsf.ts'

/** The name of the rule in the finding. */
const RULE = 'reveal'

/** The record of a reveal that the policy wants noticed. Its severity is low; of break-glass, medium. */
export function revealFinding(facts: RevealFindingFacts): AuditRecord {
  const timeMs = Math.round(facts.timeMs)
  const { classes, reason, ticket, grant } = facts.reveal
  const severity = grant === undefined ? SEVERITY.low : SEVERITY.medium
  const words = grant === undefined ? 'Revealed' : 'Revealed by break-glass'
  return {
    id: facts.id,
    type: 'finding',
    severity,
    event: {
      ...eventHead(DETECTION_FINDING, severity, timeMs),
      status_id: 1,
      status: 'New',
      is_alert: false,
      ...CONTROL.observed,
      metadata: metadata(facts.id, ['host', 'security_control'], facts.requestId),
      actor: actor(facts.subject),
      evidences: [{ src_endpoint: endpoint(facts.address) }],
      finding_info: {
        uid: facts.id,
        title: `${words}: ${classes.join(', ')}`,
        types: ['Reveals'],
        analytic: { type_id: 1, type: 'Rule', name: RULE },
        created_time: timeMs,
        related_events: [{ uid: facts.accessId, type: API_ACTIVITY.class }],
      },
      policy: { uid: facts.policy },
      unmapped: {
        celosia: {
          rule: RULE,
          policy_sha256: facts.policy,
          classes,
          reason: reason ?? null,
          ticket: ticket ?? null,
          ...(grant !== undefined && { grant: grant.id, approver: grant.approver }),
          access_id: facts.accessId,
          ...(facts.claimedAddress !== undefined && { claimed_address: facts.claimedAddress }),
        },
      },
    },
  }
}
