/** A writer of the audit that began or ended a chain, as OCSF Entity Management (3004). */
import type { AuditRecord } from '../core/audit-record.ts'
import type { ChainHead } from './chain/envelope.ts'
import { ENTITY_MANAGEMENT } from './policy-activity.ts'
import { eventHead, metadata, outcome, SEVERITY } from './ocsf.ts'

/** What a writer says of itself. */
export interface WriterFacts {
  readonly id: string
  readonly timeMs: number
  /** `reconciled`: what earlier writers had left open is closed. */
  readonly activity: 'began' | 'reconciled' | 'ended'
  readonly writer: string
  /** The chain that could not go on, because the store lost records that it had acknowledged. */
  readonly broken: ChainHead | undefined
}

const ACTIVITIES = {
  began: { activityId: 10, activity: 'Activate' },
  reconciled: { activityId: 3, activity: 'Update' },
  ended: { activityId: 11, activity: 'Deactivate' },
} as const

/** The record of a writer. Its severity is high where another chain broke, else informational. */
export function writerActivity(facts: WriterFacts): AuditRecord {
  const severity = facts.broken === undefined ? SEVERITY.informational : SEVERITY.high
  return {
    id: facts.id,
    type: 'writer',
    severity,
    event: {
      ...eventHead({ ...ENTITY_MANAGEMENT, ...ACTIVITIES[facts.activity] }, severity, facts.timeMs),
      ...outcome(true),
      status_detail: facts.activity,
      metadata: metadata(facts.id, []),
      entity: { uid: facts.writer, name: 'audit writer', type_id: 99, type: 'Other' },
      unmapped: {
        celosia: {
          activity: facts.activity,
          writer: facts.writer,
          broken: facts.broken === undefined ? null : { ...facts.broken },
        },
      },
    },
  }
}
