/** The writers of the audit as the program puts them together: a chain over a store. */
import type { AuditNotes } from '../../src/audit/audit-notes.ts'
import type { AuditWriter } from '../../src/audit/audit-store.ts'
import { createChainWriter } from '../../src/audit/chain/chain-writer.ts'
import { sealRecord, NO_PREVIOUS, headOf, prepareRecord } from '../../src/audit/chain/envelope.ts'
import type { ChainHead, SealedRecord } from '../../src/audit/chain/envelope.ts'
import {
  openFileRecordStore,
  type FileRecordStoreOptions,
} from '../../src/audit/file-record-store.ts'
import type { RecordStore } from '../../src/audit/record-store.ts'
import { openRedisRecordStore, type RedisStoreOptions } from '../../src/audit/redis-record-store.ts'
import type { AuditRecord } from '../../src/core/audit-record.ts'
import { systemClock } from '../../src/core/clock.ts'
import { uuidV7 } from '../../src/core/ids.ts'

/** A chain over a store. */
export function writerOver(
  store: RecordStore,
  timeoutMs = 2_000,
  notes: AuditNotes = () => undefined,
): AuditWriter {
  return createChainWriter({ store, clock: systemClock, ids: uuidV7, notes, timeoutMs })
}

/** A writer to a journal. */
export async function openFileWriter(options: FileRecordStoreOptions): Promise<AuditWriter> {
  return writerOver(await openFileRecordStore(options), options.timeoutMs)
}

/** A writer to Redis. */
export async function openRedisWriter(options: RedisStoreOptions): Promise<AuditWriter> {
  return writerOver(await openRedisRecordStore(options), options.timeoutMs)
}

/** The start of a chain of this writer. */
export function newChain(writer = uuidV7()): ChainHead {
  return { writer, sequence: 0, hash: NO_PREVIOUS }
}

/** Records in their places after `head`. */
export function sealAll(records: readonly AuditRecord[], head: ChainHead): readonly SealedRecord[] {
  let last = head
  return records.map((record) => {
    const sealed = sealRecord(prepareRecord(record), last)
    last = headOf(sealed)
    return sealed
  })
}
