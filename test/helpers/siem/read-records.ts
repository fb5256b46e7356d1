/** Records as they are read back from a store, for tests of what is made of them. */
import { recordLine, recordOfLine, type ReadRecord } from '../../../src/audit/record-codec.ts'
import type { AuditRecord } from '../../../src/core/audit-record.ts'
import { newChain, sealAll } from '../audit-writers.ts'

const WRITER = '019ab000-0000-7000-8000-0000000000aa'

/** Sealed in a chain, stored as a line, and read back. */
export function storedAndRead(record: AuditRecord): ReadRecord {
  const [sealed] = sealAll([record], newChain(WRITER))
  const read = sealed && recordOfLine(recordLine(sealed).subarray(0, -1))
  if (read === undefined) throw new Error('the record cannot be read back')
  return read
}

/** With an event that no writer would make: nothing of it is sealed. */
export function asIfRead(record: AuditRecord): ReadRecord {
  const { id, type, severity } = record
  const hash = 'a'.repeat(64)
  return {
    record,
    envelope: {
      v: 1,
      writer: WRITER,
      sequence: 7,
      previous: hash,
      id,
      type,
      severity,
      event_sha256: hash,
    },
    eventText: JSON.stringify(record.event),
  }
}
