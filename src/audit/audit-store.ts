/** Where records go, and how they are read back. One interface, one contract suite, several stores. */
import type { AuditRecord, StreamName } from '../core/audit-record.ts'
import type { AuditCorruptError } from './errors.ts'
import type { ReadRecord } from './record-codec.ts'

/** A record with its place in the store. `position` is opaque: a stream id in Redis, `segment:offset` in the journal. */
export interface StoredRecord extends ReadRecord {
  readonly position: string
}

export interface ReadOptions {
  readonly stream: StreamName
  /** Only what comes after this position. Undefined: from the oldest. */
  readonly after?: string | undefined
  /** At most so many. Undefined: all there are. */
  readonly limit?: number | undefined
  /** True: do not end at the newest record, wait for more until `signal` aborts. */
  readonly follow?: boolean | undefined
  readonly signal?: AbortSignal | undefined
  /** Told of what cannot be read back, which is then left out. Undefined: it ends the reading. */
  readonly corrupt?: ((error: AuditCorruptError) => void) | undefined
}

export interface AuditHealth {
  readonly ok: boolean
  /** One sentence for operators: why it is not ok, or else why durability is relaxed. */
  readonly problem: string | undefined
  /** Whether an acknowledged record survives the loss of power, as promise P2 says. */
  readonly durability: 'strict' | 'relaxed'
  /** The store would lose what it takes: a gateway must not even start on it. */
  readonly unfit?: boolean
}

/** What the gateway needs. */
export interface AuditWriter {
  /**
   * Resolves once the records are durable, all of them, in order within their streams. Rejects with {@link AuditUnavailableError} within
   * the store's `timeoutMs`; then none, some or all may have been stored (at least once, de-duplicated by id).
   */
  readonly append: (records: readonly AuditRecord[]) => Promise<void>
  readonly health: () => Promise<AuditHealth>
  /** Why an append would fail right now, as far as that is known without asking. */
  readonly problem: () => string | undefined
  /** Waits for what is under way, bounded by `timeoutMs`, and releases everything. Twice is once. */
  readonly close: () => Promise<void>
}

/** What `celosia audit` needs. Only reads. */
export interface AuditReader {
  /** Oldest first. Throws AuditCorruptError at a record that cannot be read back, unless told to leave it out. */
  readonly read: (options: ReadOptions) => AsyncIterable<StoredRecord>
  readonly close: () => Promise<void>
}
