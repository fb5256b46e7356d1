/** Records for tests of stores, which do not look into an event. */
import type { AuditRecord } from '../../src/core/audit-record.ts'
import type {
  AuditReader,
  AuditWriter,
  ReadOptions,
  StoredRecord,
} from '../../src/audit/audit-store.ts'
import { uuidV7 } from '../../src/core/ids.ts'

/** A record that carries a number, and text that every store must keep as it is. */
export function auditRecord(number: number, padding = ''): AuditRecord {
  return {
    id: uuidV7(),
    type: 'access',
    severity: 1,
    event: {
      number,
      text: 'línea\n"uno" \u2028 \ud83d\ude00 \u0000',
      big: 9007199254740991,
      padding,
    },
  }
}

/** Records numbered from `from` on. */
export function auditRecords(count: number, from = 0): readonly AuditRecord[] {
  return Array.from({ length: count }, (_, i) => auditRecord(from + i))
}

/** Everything that a reading gives, of the stream of accesses where no other is named. */
export async function readAll(
  reader: AuditReader,
  options: Partial<ReadOptions> = {},
): Promise<readonly StoredRecord[]> {
  return Array.fromAsync(reader.read({ stream: 'records', ...options }))
}

/** The numbers of records, in order. */
export function numbersOf(stored: readonly StoredRecord[]): readonly unknown[] {
  return stored.map(({ record }) => record.event['number'])
}

/** Appends, again and again, until the store takes it. Rejects after `timeoutMs`. */
export async function appendWhenUp(
  writer: AuditWriter,
  records: readonly AuditRecord[],
  timeoutMs = 10_000,
): Promise<void> {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    try {
      await writer.append(records)
      return
    } catch (error) {
      if (performance.now() > deadline) throw error
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}
