/** A record of the helpdesk that is redacted, as OCSF Entity Management (3004): the intent before it, and what came of it. */
import type { RedactionFacts } from '../core/audit-facts.ts'
import type { AuditRecord } from '../core/audit-record.ts'
import { ENTITY_MANAGEMENT } from './policy-activity.ts'
import { eventHead, metadata, outcome, OUTCOME_UNKNOWN, SEVERITY } from './ocsf.ts'

/** Places that one record names. */
const PLACES_MAX = 200

const UPDATE = { activityId: 3, activity: 'Update' } as const

/** The record. Its severity is medium where something was left or failed, else informational. */
export function redactionActivity(facts: RedactionFacts): AuditRecord {
  const isWhole = facts.outcome === undefined || facts.outcome === 'redacted'
  const severity = isWhole ? SEVERITY.informational : SEVERITY.medium
  return {
    id: facts.id,
    type: 'redaction',
    severity,
    event: {
      ...eventHead({ ...ENTITY_MANAGEMENT, ...UPDATE }, severity, facts.timeMs),
      ...(facts.phase === 'intent' ? OUTCOME_UNKNOWN : outcome(isWhole)),
      status_detail: facts.outcome ?? facts.phase,
      metadata: metadata(facts.id, [], facts.run),
      entity: { uid: facts.record, name: facts.resource, type_id: 99, type: 'Other' },
      unmapped: {
        celosia: {
          phase: facts.phase,
          ...(facts.intentId !== undefined && { intent_id: facts.intentId }),
          run: facts.run,
          by: facts.by,
          connector_sha256: facts.connector,
          policy_sha256: facts.policy,
          resource: facts.resource,
          record: facts.record,
          places: facts.places.slice(0, PLACES_MAX).map(({ location, classes }) => ({
            location,
            classes: classes.map(({ class: name, count }) => ({ class: name, count })),
          })),
          places_truncated: facts.places.length > PLACES_MAX,
          ...(facts.outcome !== undefined && { outcome: facts.outcome }),
        },
      },
    },
  }
}
