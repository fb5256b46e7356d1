/** What keeps sealed records: below the chain, which alone decides what stands in which place. */
import type { AuditHealth } from './audit-store.ts'
import type { PlacedRecord } from './chain/envelope.ts'

/** What a policy asks of the stores. */
export interface StoreSettings {
  /** Where Redis is away, the journal takes over. */
  readonly spool: boolean
  /** How much may wait there. */
  readonly spoolBytesMax: number
  /** How many replicas must have a record before it counts; 0: the primary's word is enough. */
  readonly replicas: number
}

export interface RecordStore {
  /**
   * Makes a batch durable: records of one writer in order, each after the one before. Called once at a time. Rejects with
   * {@link AuditUnavailableError} where that failed or nobody knows; then none, a first part or all may be stored, and
   * the same batch is given again before any other. Rejects with {@link ChainBrokenError} where what the batch follows on
   * is not there; then nothing was stored.
   */
  readonly append: (batch: readonly PlacedRecord[]) => Promise<void>
  /** Why nothing is to be had of it right now, as far as that is known without asking. */
  readonly problem: () => string | undefined
  readonly health: () => Promise<AuditHealth>
  /** Takes other settings; each store looks at those that concern it. */
  readonly configure: (settings: StoreSettings) => void
  /** Says that a writer lives, where others would take him for dead. Rejects with {@link AuditUnavailableError}. */
  readonly beat: (writer: string) => Promise<void>
  /** Bytes that wait elsewhere until they can be where they belong. */
  readonly spooledBytes: () => number
  /** Waits for what is under way, bounded, and releases everything. Twice is once. */
  readonly close: () => Promise<void>
}
