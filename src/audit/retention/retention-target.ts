/** What retention needs of a store: to be told what may go, and to make it go. */
import type { StreamName } from '../../core/audit-record.ts'
import type { Hold, HoldStore } from './hold.ts'
import type { PurgedRun } from './purge-claim.ts'

/** How long records are kept, in milliseconds. What is not named is kept for good. */
export interface RetentionPeriods {
  readonly records?: number | undefined
  readonly findings?: number | undefined
}

/** What is older than this may go. */
export type Cutoffs = Readonly<Partial<Record<StreamName, number>>>

/** The chain is kept as long as the records that it signs; what is left of others is confirmed by the purge itself. */
export function cutoffsOf({ records, findings }: RetentionPeriods, nowMs: number): Cutoffs {
  return {
    ...(records !== undefined && { records: nowMs - records, chain: nowMs - records }),
    ...(findings !== undefined && { findings: nowMs - findings }),
  }
}

export interface PlanRequest {
  readonly cutoffs: Cutoffs
  readonly nowMs: number
  /** Those in force. */
  readonly holds: readonly Hold[]
  /** What an earlier plan has gone through, by stream, so that what it kept is not read again. Undefined: nothing. */
  readonly after?: ReadonlyMap<StreamName, string> | undefined
  /** True: as much as one step may take. False: all there is, to tell of it. */
  readonly step: boolean
}

/** What may go now. */
export interface PurgePlan {
  readonly runs: readonly PurgedRun[]
  readonly records: number
  /** How many of each stream. */
  readonly streams: Readonly<Record<StreamName, number>>
  /** Times of the oldest and the newest of them. */
  readonly oldestMs: number | undefined
  readonly newestMs: number | undefined
  /** How many old records each hold keeps. */
  readonly held: ReadonlyMap<string, number>
  /** Why old records stay although no hold keeps them: one sentence each. */
  readonly waits: readonly string[]
  /** How far it went; a store that does not say is gone through from the beginning each time. */
  readonly through?: ReadonlyMap<StreamName, string> | undefined
  /** There may be more after this step. */
  readonly more: boolean
  /** Makes them go. Rejects with AuditUnavailableError; then some may be gone. */
  readonly remove: () => Promise<void>
}

export interface RetentionTarget {
  readonly holds: HoldStore
  /** Changes nothing. Rejects with AuditUnavailableError where it cannot be known what may go. */
  readonly plan: (request: PlanRequest) => Promise<PurgePlan>
  /** The wall clock of the store, where it has one. */
  readonly nowMs: () => Promise<number>
  /** False where another process purges at the moment. */
  readonly claim: () => Promise<boolean>
  readonly close: () => Promise<void>
}
