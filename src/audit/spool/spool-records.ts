/** Reads the segments of a spool in the order of their chains, so that what is replayed follows on what is there. */
import { STREAM_NAMES } from '../../core/audit-record.ts'
import type { StreamName } from '../../core/audit-record.ts'
import { join } from 'node:path'
import type { AuditNotes } from '../audit-notes.ts'
import { canonicalJson } from '../chain/canonical-json.ts'
import { envelopeHash, envelopeText } from '../chain/envelope.ts'
import type { PlacedRecord } from '../chain/envelope.ts'
import { AuditCorruptError } from '../errors.ts'
import { JournalLines } from '../journal-lines.ts'
import { recordOfLine } from '../record-codec.ts'
import type { ReadRecord } from '../record-codec.ts'
import { formatPosition, listSegments } from '../segment-name.ts'
import type { SegmentName } from '../segment-name.ts'

export interface SpoolReading {
  readonly directory: string
  readonly segments: readonly SegmentName[]
  readonly notes: AuditNotes
  /** Told of segments with a line that is no record: they must not be removed. */
  readonly unreadable: (segment: SegmentName) => void
}

/** The segments of all streams, oldest first within each. */
export async function spoolSegments(directory: string): Promise<readonly SegmentName[]> {
  const lists = await Promise.all(STREAM_NAMES.map((stream) => listSegments(directory, stream)))
  return lists.flat()
}

/** Each writer's records by sequence; writers by age. Holds one record of each stream. */
export async function* spoolRecords(
  reading: SpoolReading,
): AsyncGenerator<PlacedRecord, void, undefined> {
  const all = STREAM_NAMES.map((stream) => streamRecords(reading, stream))
  const sources: { readonly records: AsyncGenerator<PlacedRecord>; head: PlacedRecord }[] = []
  try {
    for (const records of all) {
      const { done, value } = await records.next()
      if (done !== true) sources.push({ records, head: value })
    }
    while (sources.length > 0) {
      const first = sources.reduce((a, b) => (isBefore(b.head, a.head) ? b : a))
      yield first.head
      const { done, value } = await first.records.next()
      if (done === true) sources.splice(sources.indexOf(first), 1)
      else first.head = value
    }
  } finally {
    for (const records of all) await records.return(undefined)
  }
}

// Writers are UUIDv7, which sort by time.
function isBefore({ envelope: a }: PlacedRecord, { envelope: b }: PlacedRecord): boolean {
  return a.writer === b.writer ? a.sequence < b.sequence : a.writer < b.writer
}

async function* streamRecords(
  reading: SpoolReading,
  stream: StreamName,
): AsyncGenerator<PlacedRecord, void, undefined> {
  for (const segment of reading.segments) {
    if (segment.stream === stream) yield* segmentRecords(reading, segment)
  }
}

async function* segmentRecords(
  { directory, notes, unreadable }: SpoolReading,
  segment: SegmentName,
): AsyncGenerator<PlacedRecord, void, undefined> {
  const lines = await JournalLines.open(directory, segment.name, 0)
  const bad = (position: string): void => {
    unreadable(segment)
    notes(`The spool has a line at ${position} that is no record; its segment is kept`)
  }
  try {
    for (let line = await lines.next(); line !== undefined; line = await lines.next()) {
      const read = recordOfLine(line.bytes)
      if (read !== undefined) yield placedRecord(read)
      else bad(formatPosition(segment.name, line.offset))
    }
  } catch (error) {
    if (!(error instanceof AuditCorruptError)) throw error
    bad(error.position)
  } finally {
    await lines.close()
  }
}

/** As it was written; where somebody changed it, as it is now: the verifier names it. */
export function placedRecord({ envelope, eventText, record }: ReadRecord): PlacedRecord {
  return {
    envelope,
    text: envelopeText(envelope),
    hash: envelopeHash(envelope),
    eventText: eventText ?? canonicalJson(record.event),
  }
}

/** The path of a segment. */
export function segmentPath(directory: string, { name }: SegmentName): string {
  return join(directory, name)
}
