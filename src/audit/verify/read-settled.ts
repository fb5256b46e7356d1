/**
 * Reads an audit while it is written to, without gaps at its end: streams are read one after the other, so a second look
 * fetches what the first was too early for, and nothing newer.
 */
import type { StreamName } from '../../core/audit-record.ts'
import type { AuditReader } from '../audit-store.ts'
import { readAllStreams } from '../read-all.ts'
import type { ReadAllOptions, StreamRecord } from '../read-all.ts'

/**
 * All records up to the newest that the first look finds. Whoever has a writer's record has all before it: they were
 * durable earlier, so that the second look sees them.
 */
export async function* readSettled(
  reader: AuditReader,
  options: Pick<ReadAllOptions, 'signal' | 'corrupt'>,
): AsyncGenerator<StreamRecord, void, undefined> {
  const after = new Map<StreamName, string>()
  const newest = new Map<string, number>()
  for await (const record of readAllStreams(reader, options)) {
    const { writer, sequence } = record.envelope
    after.set(record.stream, record.position)
    newest.set(writer, Math.max(sequence, newest.get(writer) ?? 0))
    yield record
  }
  for await (const record of readAllStreams(reader, { ...options, after })) {
    const { writer, sequence } = record.envelope
    if (sequence <= (newest.get(writer) ?? 0)) yield record
  }
}
