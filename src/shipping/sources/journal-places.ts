/** Places in a journal: where each stream ends at the moment, and how much lies after a record. */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { AuditReader } from '../../audit/audit-store.ts'
import { AuditUnavailableError } from '../../audit/errors.ts'
import { JournalLines } from '../../audit/journal-lines.ts'
import { formatPosition, listSegments, parsePosition } from '../../audit/segment-name.ts'
import { STREAM_NAMES, type StreamName } from '../../core/audit-record.ts'
import { CelosiaError } from '../../core/errors.ts'
import type { Positions } from './journal-positions.ts'

/** The last position of each stream; none of a stream that is empty. */
export async function newestPositions(directory: string, reader: AuditReader): Promise<Positions> {
  const positions: Partial<Record<StreamName, string>> = {}
  for (const stream of STREAM_NAMES) {
    const last = await lastPosition(directory, stream, reader)
    if (last !== undefined) positions[stream] = last
  }
  return positions
}

async function lastPosition(
  directory: string,
  stream: StreamName,
  reader: AuditReader,
): Promise<string | undefined> {
  const segments = await listSegments(directory, stream)
  for (const { name } of segments.toReversed()) {
    if ((await stat(join(directory, name))).size === 0) continue
    // The first line of a segment is a position; reading on from there finds the last.
    let last = formatPosition(name, 0)
    const note = (place: { readonly position: string }): void => void (last = place.position)
    for await (const place of reader.read({ stream, after: last, corrupt: note })) note(place)
    return last
  }
  return undefined
}

/** The bytes of a stream after the record at a position, or all of them. */
export async function bytesAfter(
  directory: string,
  stream: StreamName,
  position: string | undefined,
): Promise<number> {
  const at = position === undefined ? undefined : parsePosition(position)
  try {
    let bytes = 0
    for (const { name, number } of await listSegments(directory, stream)) {
      if (at !== undefined && number < at.segment.number) continue
      const { size } = await stat(join(directory, name))
      bytes += size
      if (name === at?.segment.name) bytes -= await endOfLine(directory, name, at.offset)
    }
    return bytes
  } catch (error) {
    if (error instanceof CelosiaError) throw error
    // Retention may remove a segment between two looks.
    throw new AuditUnavailableError('The journal cannot be read')
  }
}

async function endOfLine(directory: string, name: string, offset: number): Promise<number> {
  const lines = await JournalLines.open(directory, name, offset)
  try {
    const line = await lines.next()
    return offset + (line === undefined ? 0 : line.bytes.length + 1)
  } finally {
    await lines.close()
  }
}
