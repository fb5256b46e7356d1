/**
 * Refusals of callers that were not authenticated, as one OCSF API Activity (6003) for an interval. It names nobody, so
 * that outsiders cannot fill the audit with names of their choice.
 */
import type { RefusalFacts } from '../core/audit-facts.ts'
import type { AuditRecord } from '../core/audit-record.ts'
import { API_ACTIVITY } from './api-activity.ts'
import { CONTROL, eventHead, metadata, outcome, SEVERITY } from './ocsf.ts'

const KIND = { ...API_ACTIVITY, activityId: 99, activity: 'Other' } as const
/** OCSF asks for an actor, a source and an operation; this stands for all of them. */
const UNAUTHENTICATED = 'unauthenticated'

/** The record of an interval. Its severity is low. */
export function refusalsActivity(facts: RefusalFacts): AuditRecord {
  const startMs = Math.round(facts.fromMs)
  const endMs = Math.round(facts.toMs)
  return {
    id: facts.id,
    type: 'refusals',
    severity: SEVERITY.low,
    event: {
      ...eventHead(KIND, SEVERITY.low, facts.timeMs),
      start_time: startMs,
      end_time: endMs,
      duration: endMs - startMs,
      count: facts.counts.reduce((sum, { count }) => sum + count, 0),
      ...outcome(false),
      status_detail: facts.counts.map(({ reason }) => reason).join(' '),
      ...CONTROL.denied,
      metadata: metadata(facts.id, ['security_control']),
      actor: { app_name: UNAUTHENTICATED },
      src_endpoint: { name: UNAUTHENTICATED },
      api: { operation: UNAUTHENTICATED },
      policy: { uid: facts.policy },
      unmapped: {
        celosia: {
          policy_sha256: facts.policy,
          decision: 'deny',
          reasons: facts.counts.map(({ reason, count }) => ({ reason, count })),
        },
      },
    },
  }
}
