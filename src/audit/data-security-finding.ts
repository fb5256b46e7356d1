/** Personal data where it should not be, as OCSF Data Security Finding (2006): the frame of these findings. */
import type { AuditRecord, JsonValue } from '../core/audit-record.ts'
import { eventHead, metadata, SEVERITY } from './ocsf.ts'
import type { Severity } from './ocsf.ts'

/** Category and class of all of them. */
const DATA_SECURITY_FINDING = {
  categoryId: 2,
  category: 'Findings',
  classId: 2006,
  class: 'Data Security Finding',
} as const

const CREATE = { activityId: 1, activity: 'Create' } as const
const CLOSE = { activityId: 3, activity: 'Close' } as const

type JsonObject = { readonly [name: string]: JsonValue }

export interface DataSecurityFacts {
  readonly id: string
  readonly timeMs: number
  /** Of a finding that is closed: informational. */
  readonly severity: Severity
  readonly closed: boolean
  /** Words for whoever answers for it. */
  readonly title: string
  readonly message: string
  /** What kind of finding it is: `Self-test`. */
  readonly type: string
  /** SHA-256 of the policy. */
  readonly policy: string
  /** The system that was looked at. */
  readonly upstream: string
  /** What found it. */
  readonly detectedBy: string
  /** Members of the event beside the frame: `actor`, what was done. */
  readonly more: JsonObject
  /** The access record that it is about. */
  readonly related: { readonly uid: string; readonly type: string } | undefined
  /** `unmapped.celosia`. */
  readonly own: JsonObject
}

/** The record of one. */
export function dataSecurityFinding(facts: DataSecurityFacts): AuditRecord {
  const { id, severity, closed, related } = facts
  const timeMs = Math.round(facts.timeMs)
  const kind = { ...DATA_SECURITY_FINDING, ...(closed ? CLOSE : CREATE) }
  return {
    id,
    type: 'finding',
    severity,
    event: {
      ...eventHead(kind, severity, timeMs),
      message: facts.message,
      ...(closed ? { status_id: 4, status: 'Resolved' } : { status_id: 1, status: 'New' }),
      is_alert: !closed && severity >= SEVERITY.medium,
      metadata: metadata(id, ['security_control']),
      finding_info: {
        uid: id,
        title: facts.title,
        types: [facts.type],
        created_time: timeMs,
        ...(related !== undefined && { related_events: [{ ...related }] }),
      },
      data_security: {
        category_id: 1,
        category: 'Personal',
        detection_system_id: 99,
        detection_system: facts.detectedBy,
        policy: { uid: facts.policy },
      },
      resources: [{ name: facts.upstream, type: 'Upstream' }],
      policy: { uid: facts.policy },
      ...facts.more,
      unmapped: { celosia: facts.own },
    },
  }
}
