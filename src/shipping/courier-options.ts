/** What a courier works with, and what ends it. */
import type { AuditRecord } from '../core/audit-record.ts'
import type { Clock } from '../core/clock.ts'
import type { RandomSource } from '../core/random.ts'
import type { Backoff } from './backoff.ts'
import type { RecordSource } from './record-source.ts'
import type { ShippingLog } from './shipping-log.ts'
import type { CourierMetrics } from './shipping-metrics.ts'
import type { Sink } from './sink.ts'

export interface CourierOptions {
  /** Name of the sink, for logs. */
  readonly name: string
  readonly source: RecordSource
  readonly sink: Sink
  /** False: the record is none that this sink is to get. */
  readonly accepts: (record: AuditRecord) => boolean
  readonly batch: {
    readonly recordsMax: number
    /** Of the payloads together; a single larger one goes alone. */
    readonly bytesMax: number
    /** From the start of one batch to the start of the next, unless it was full: few large ones cost less than many. */
    readonly pauseMs: number
  }
  readonly backoff: Backoff
  /** How often a record is refused by itself before it is put aside. */
  readonly refusalsMax: number
  /**
   * After so many records in a row that the sink refused and that were put aside, with none delivered in between, it is not
   * the records: the next one is tried until the sink takes it.
   */
  readonly refusedInARowMax: number
  /** A record that waits for longer makes the sink late. */
  readonly lateAfterMs: number
  readonly metrics: CourierMetrics
  readonly log: ShippingLog
  readonly clock: Clock
  readonly random: RandomSource
}

export interface CourierSignals {
  /** Nothing new is begun. */
  readonly stopping: AbortSignal
  /** What is under way is ended. */
  readonly cutting: AbortSignal
  /** True: end once nothing is left, and at the first failure that is not about a single record. */
  readonly once: boolean
}
