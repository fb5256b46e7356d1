/** What keeps sealed records: below the chain, which alone decides what stands in which place. */
import type { AuditHealth } from './audit-store.ts'
import type { SealedRecord } from './chain/envelope.ts'

export interface RecordStore {
  /**
   * Makes a batch durable: records of one writer in order, each after the one before. Called once at a time. Rejects with
   * {@link AuditUnavailableError} where that failed or nobody knows; then none, a first part or all may be stored, and
   * the same batch is given again before any other. Rejects with {@link ChainBrokenError} where what the batch follows on
   * is not there; then nothing was stored.
   */
  readonly append: (batch: readonly SealedRecord[]) => Promise<void>
  readonly health: () => Promise<AuditHealth>
  /** Waits for what is under way, bounded, and releases everything. Twice is once. */
  readonly close: () => Promise<void>
}
