/** Where records are delivered to. One interface, one contract suite, several sinks. */
import type { Fitted } from '../audit/export/drop-detail.ts'
import type { ReadRecord } from '../audit/record-codec.ts'

/** A record as a sink sends it. */
export interface Payload {
  readonly id: string
  readonly text: string
}

export interface Sink {
  /** The record as text, made smaller where it must be; undefined where that is not possible. Pure. */
  readonly encode: (read: ReadRecord) => Fitted | undefined
  /**
   * Resolves once the other side has all of them, in order. Rejects with {@link DeliveryError} within the sink's timeout;
   * then none, some or all may have arrived. Rejects soon once `signal` aborts. Called once at a time.
   */
  readonly deliver: (payloads: readonly Payload[], signal: AbortSignal) => Promise<void>
  /** Releases everything. Twice is once. */
  readonly close: () => Promise<void>
}
