/** A token, a session or all of a subject's that ended before their time, as OCSF Authentication (3002). */
import type { RevocationFacts } from '../core/audit-facts.ts'
import type { AuditRecord } from '../core/audit-record.ts'
import { eventHead, metadata, outcome, SEVERITY } from './ocsf.ts'

const LOGOFF = {
  categoryId: 3,
  category: 'Identity & Access Management',
  classId: 3002,
  class: 'Authentication',
  activityId: 2,
  activity: 'Logoff',
} as const

/** The record of a revocation. Its severity is informational: that somebody tries such a token again is what matters. */
export function revocationActivity(facts: RevocationFacts): AuditRecord {
  const { kind, value, issuer } = facts
  const severity = SEVERITY.informational
  return {
    id: facts.id,
    type: 'revocation',
    severity,
    event: {
      ...eventHead(LOGOFF, severity, facts.timeMs),
      ...outcome(true),
      status_detail: facts.source,
      metadata: metadata(facts.id, []),
      service: { name: 'Celosía' },
      // Whose token or session it is, nobody said; OCSF wants a user all the same.
      user: kind === 'subject' ? { uid: value } : { name: 'unknown', type_id: 0, type: 'Unknown' },
      session: { issuer, ...(kind !== 'subject' && { uid: value }) },
      unmapped: {
        celosia: {
          kind,
          issuer,
          source: facts.source,
          until: kind === 'subject' ? facts.untilS : null,
        },
      },
    },
  }
}
