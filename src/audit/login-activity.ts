/** A browser that logged in at the gateway, as OCSF Authentication (3002). */
import type { AuditRecord } from '../core/audit-record.ts'
import type { LoginFacts } from '../core/login-facts.ts'
import { actor, endpoint, eventHead, metadata, outcome, SEVERITY } from './ocsf.ts'

const LOGON = {
  categoryId: 3,
  category: 'Identity & Access Management',
  classId: 3002,
  class: 'Authentication',
  activityId: 1,
  activity: 'Logon',
} as const

/** The record of a login. One that came to nothing names nobody, and is counted among the refusals. */
export function loginActivity(facts: LoginFacts): AuditRecord {
  const severity = SEVERITY.informational
  const { user, session } = actor(facts.subject)
  return {
    id: facts.id,
    type: 'login',
    severity,
    event: {
      ...eventHead(LOGON, severity, facts.timeMs),
      ...outcome(true),
      metadata: metadata(facts.id, [], facts.requestId),
      service: { name: 'Celosía' },
      auth_protocol: 'OpenID',
      auth_protocol_id: 4,
      user,
      session,
      src_endpoint: endpoint(facts.address),
      unmapped: {
        celosia: {
          policy_sha256: facts.policy,
          assurance: facts.subject.assurance,
          claimed_address: facts.claimedAddress,
        },
      },
    },
  }
}
