/** What is done to the audit itself: records purged, holds placed and released. OCSF Entity Management (3004). */
import type { AuditRecord, JsonValue } from '../../core/audit-record.ts'
import type { StreamName } from '../../core/audit-record.ts'
import { ENTITY_MANAGEMENT } from '../policy-activity.ts'
import { eventHead, metadata, outcome, SEVERITY, type EventKind } from '../ocsf.ts'
import type { Hold, HoldStep } from './hold.ts'
import { purgeClaims } from './purge-claim.ts'
import type { PurgeClaim } from './purge-claim.ts'

export interface PurgeFacts {
  readonly id: string
  readonly claim: PurgeClaim
  /** Records that go by this claim. */
  readonly records: number
  /** What is older goes, by stream. Milliseconds since 1970. */
  readonly before: Readonly<Partial<Record<StreamName, number>>>
  /** Names of the holds in force. */
  readonly holds: readonly string[]
  readonly jws: string
}

/** The record of a purge, which is durable before anything is gone. */
export function purgeActivity({ id, claim, records, before, holds, jws }: PurgeFacts): AuditRecord {
  return retentionRecord(
    id,
    claim.timeMs,
    { activityId: 4, activity: 'Delete' },
    {
      activity: 'purged',
      ...purgeClaims(claim),
      records,
      before: { ...before },
      holds,
      jws,
    },
  )
}

/** The record of a hold that was placed, or released. */
export function holdActivity(
  { name, agent, pseudonyms }: Hold,
  activity: 'held' | 'released',
  { by, atMs, record }: HoldStep,
): AuditRecord {
  return retentionRecord(
    record,
    atMs,
    { activityId: 3, activity: 'Update' },
    {
      activity,
      hold: name,
      by,
      subject: agent ?? null,
      pseudonyms: pseudonyms ?? [],
    },
  )
}

function retentionRecord(
  id: string,
  timeMs: number,
  kind: Pick<EventKind, 'activityId' | 'activity'>,
  own: Readonly<Record<string, JsonValue>> & { readonly activity: string },
): AuditRecord {
  // A person who errs, or an attacker, makes records go, too: somebody should see it.
  const severity = own.activity === 'held' ? SEVERITY.informational : SEVERITY.low
  return {
    id,
    type: 'retention',
    severity,
    event: {
      ...eventHead({ ...ENTITY_MANAGEMENT, ...kind }, severity, timeMs),
      ...outcome(true),
      status_detail: own.activity,
      metadata: metadata(id, []),
      entity: { name: 'audit records', type_id: 99, type: 'Other' },
      unmapped: { celosia: own },
    },
  }
}
