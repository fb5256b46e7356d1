/** Reads a journal, oldest record first, also while a writer is at work. Takes no lock and changes nothing. */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { StreamName } from '../core/audit-record.ts'
import type { AuditReader, ReadOptions, StoredRecord } from './audit-store.ts'
import { watchDirectory, type DirectoryWatch } from './directory-watch.ts'
import { AuditCorruptError, AuditUnavailableError } from './errors.ts'
import { JournalLines, type JournalLine } from './journal-lines.ts'
import { noteByWarning, type AuditNotes } from './audit-notes.ts'
import { recordOfLine } from './record-codec.ts'
import { formatPosition, listSegments, parsePosition, type SegmentName } from './segment-name.ts'

export interface JournalReaderOptions {
  /** Told of each unfinished line that was skipped. */
  readonly notes?: AuditNotes
}

/** Opens the journal of a directory for reading. Rejects with AuditUnavailableError where it cannot be read. */
export async function openJournalReader(
  directory: string,
  options: JournalReaderOptions = {},
): Promise<AuditReader> {
  await listed(directory, 'records')
  const closed = new AbortController()
  const notes = options.notes ?? noteByWarning
  return {
    read: (readOptions) => readJournal(directory, readOptions, { closed: closed.signal, notes }),
    close: () => Promise.resolve(closed.abort()),
  }
}

interface Reading {
  readonly closed: AbortSignal
  readonly notes: AuditNotes
}

/** Where a reading that does not follow ends: what is appended later does not prolong it. */
interface End {
  readonly name: string
  readonly bytes: number
}

async function* readJournal(
  directory: string,
  options: ReadOptions,
  reading: Reading,
): AsyncGenerator<StoredRecord, void, undefined> {
  const signal = AbortSignal.any([reading.closed, ...(options.signal ? [options.signal] : [])])
  const watch = options.follow === true ? watchDirectory(directory) : undefined
  let left = options.limit ?? Number.POSITIVE_INFINITY
  try {
    for await (const stored of recordsOf({
      directory,
      options,
      signal,
      watch,
      notes: reading.notes,
    })) {
      if (left <= 0 || signal.aborted) return
      left -= 1
      yield stored
      if (left <= 0) return
    }
  } finally {
    watch?.close()
  }
}

interface Walk {
  readonly directory: string
  readonly options: ReadOptions
  readonly signal: AbortSignal
  /** Undefined where the reading does not follow. */
  readonly watch: DirectoryWatch | undefined
  readonly notes: AuditNotes
}

async function* recordsOf(walk: Walk): AsyncGenerator<StoredRecord, void, undefined> {
  const { directory, options, signal, watch } = walk
  const after = options.after === undefined ? undefined : parsePosition(options.after)
  if (after !== undefined && after.segment.stream !== options.stream)
    throw new AuditCorruptError(options.after ?? '', 'No place of this stream')
  const end = watch === undefined ? await endOf(directory, options.stream) : undefined
  let segment = await firstSegment(walk, after?.segment)
  while (segment !== undefined && !signal.aborted) {
    // A segment that retention has removed has nothing left to skip.
    const skip = segment.name === after?.segment.name ? after.offset : undefined
    yield* recordsOfSegment(walk, segment, { skip, end })
    if (segment.name === end?.name) return
    segment = newer(await listed(directory, options.stream), segment)
  }
}

/** The records of one segment; ends once a newer segment is there, and at the end of the reading. */
async function* recordsOfSegment(
  { directory, options, signal, watch, notes }: Walk,
  segment: SegmentName,
  { skip, end }: { readonly skip: number | undefined; readonly end: End | undefined },
): AsyncGenerator<StoredRecord, void, undefined> {
  const bytesEnd = segment.name === end?.name ? end.bytes : undefined
  const lines = await opened(directory, segment.name, skip ?? 0)
  // Retention has removed it since it was listed.
  if (lines === undefined) return
  try {
    if (skip !== undefined) await skipOne(lines, formatPosition(segment.name, skip), options)
    let complete = false
    while (!signal.aborted) {
      const line = await lines.next(bytesEnd)
      if (line !== undefined) yield* storedRecord(segment, line, options)
      else if (complete || bytesEnd !== undefined) break
      // A writer has left a segment before it begins the next: one more look, and the older one is read to its end.
      else if (newer(await listed(directory, segment.stream), segment) !== undefined)
        complete = true
      else if (watch === undefined) break
      else await watch.changed(signal)
    }
    const { bytes, position } = lines.unfinished()
    if (!signal.aborted && bytes > 0) {
      // No newline, so it was never acknowledged: newline and line are written, and made durable, together.
      notes(`The journal has an unfinished line of ${bytes} bytes at ${position}; it was skipped`)
    }
  } finally {
    await lines.close()
  }
}

/** What was read already. Where damage is passed over it may be that, but a line it is. */
async function skipOne(
  lines: JournalLines,
  position: string,
  { corrupt }: ReadOptions,
): Promise<void> {
  const line = await lines.next()
  const fits = corrupt !== undefined || (line && recordOfLine(line.bytes)) !== undefined
  if (line === undefined || !fits) throw new AuditCorruptError(position, 'No record')
}

function* storedRecord(
  segment: SegmentName,
  line: JournalLine,
  { corrupt }: ReadOptions,
): Generator<StoredRecord, void, undefined> {
  const position = formatPosition(segment.name, line.offset)
  const read = recordOfLine(line.bytes)
  if (read !== undefined) {
    yield { position, ...read }
    return
  }
  const error = new AuditCorruptError(position, 'No record')
  if (corrupt === undefined) throw error
  corrupt(error)
}

async function firstSegment(
  walk: Walk,
  after: SegmentName | undefined,
): Promise<SegmentName | undefined> {
  for (;;) {
    const segments = await listed(walk.directory, walk.options.stream)
    const first = segments.find((segment) => after === undefined || segment.number >= after.number)
    if (first !== undefined || walk.watch === undefined || walk.signal.aborted) return first
    await walk.watch.changed(walk.signal)
  }
}

async function endOf(directory: string, stream: StreamName): Promise<End | undefined> {
  const last = (await listed(directory, stream)).at(-1)
  if (last === undefined) return undefined
  const { size } = await readable(stat(join(directory, last.name)), directory)
  return { name: last.name, bytes: size }
}

function newer(segments: readonly SegmentName[], than: SegmentName): SegmentName | undefined {
  return segments.find((segment) => segment.number > than.number)
}

function listed(directory: string, stream: StreamName): Promise<readonly SegmentName[]> {
  return readable(listSegments(directory, stream), directory)
}

async function opened(
  directory: string,
  name: string,
  offset: number,
): Promise<JournalLines | undefined> {
  try {
    return await JournalLines.open(directory, name, offset)
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined
    throw new AuditUnavailableError(`The journal cannot be read: ${directory}`, { cause })
  }
}

async function readable<T>(reading: Promise<T>, directory: string): Promise<T> {
  try {
    return await reading
  } catch (error) {
    throw new AuditUnavailableError(`The journal cannot be read: ${directory}`, { cause: error })
  }
}
