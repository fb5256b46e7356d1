/**
 * Open accesses in a journal: of processes that wrote to it before. Whoever has the lock knows that they are dead. Reads only
 * what is newer than the last time that everything was closed, and of a long life only what its last checkpoint leaves open.
 */
import { AuditUnavailableError } from '../errors.ts'
import { exchangeStep, memberOf } from '../chain/open-exchanges.ts'
import { JournalLines } from '../journal-lines.ts'
import { recordOfLine } from '../record-codec.ts'
import type { ReadRecord } from '../record-codec.ts'
import { listSegments } from '../segment-name.ts'
import type { SegmentName } from '../segment-name.ts'
import { withoutSubjects } from './open-access.ts'
import type { OpenAccess } from './open-access.ts'
import type { OrphanSource } from './reconciler.ts'

export interface JournalOrphansOptions {
  readonly directory: string
  /** The writer of this process. */
  readonly writer: () => string
  /** Records that all is closed up to here. */
  readonly mark: () => Promise<void>
}

export function journalOrphans(options: JournalOrphansOptions): OrphanSource {
  let waiting: OpenAccess[] | undefined
  let writers = 0
  return {
    find: async (limit) => {
      if (waiting === undefined) {
        const found = await readable(findOpen(options))
        writers = found.writers
        waiting = [...found.open]
      }
      return waiting.splice(0, limit)
    },
    claim: () => Promise.resolve(true),
    // A journal of nobody else needs no mark.
    done: async () => {
      if (writers > 0) await options.mark()
      writers = 0
    },
    close: () => Promise.resolve(),
  }
}

/** Writers to look at, with the sequence from which on something may be open. */
type Candidates = ReadonlyMap<string, number>

async function findOpen({ directory, writer }: JournalOrphansOptions): Promise<{
  readonly open: Iterable<OpenAccess>
  readonly writers: number
}> {
  const candidates = await findCandidates(directory, writer())
  const open = new Map<string, OpenAccess>()
  if (candidates.size === 0) return { open: [], writers: 0 }
  for (const segment of await segmentsFrom(directory, candidates)) {
    for await (const { envelope, record } of recordsOf(directory, segment)) {
      const from = candidates.get(envelope.writer)
      const step = exchangeStep(record)
      if (step === undefined || from === undefined || envelope.sequence < from) continue
      const { requestId } = step
      if (step.does === 'close') open.delete(requestId)
      else if (!open.has(requestId))
        open.set(requestId, {
          requestId,
          writer: envelope.writer,
          event: withoutSubjects(record.event),
        })
    }
  }
  return { open: open.values(), writers: candidates.size }
}

/** Those who wrote since the last mark, and who made it. */
async function findCandidates(directory: string, own: string): Promise<Candidates> {
  const segments = await listSegments(directory, 'chain')
  const newest: SegmentName[] = []
  for (const segment of segments.toReversed()) {
    newest.unshift(segment)
    if (await hasMark(directory, segment)) break
  }
  const candidates = new Map<string, number>()
  for (const segment of newest) {
    for await (const { envelope, record } of recordsOf(directory, segment)) {
      const { writer, sequence } = envelope
      const celosia = memberOf(record.event['unmapped'], 'celosia')
      const openFrom = memberOf(celosia, 'open_from')
      if (memberOf(celosia, 'activity') === 'reconciled') {
        const from = candidates.get(writer) ?? 1
        candidates.clear()
        candidates.set(writer, from)
      }
      if (typeof openFrom === 'number') candidates.set(writer, openFrom)
      else if (!candidates.has(writer)) candidates.set(writer, sequence)
    }
  }
  candidates.delete(own)
  return candidates
}

async function hasMark(directory: string, segment: SegmentName): Promise<boolean> {
  for await (const { record } of recordsOf(directory, segment)) {
    const celosia = memberOf(record.event['unmapped'], 'celosia')
    if (record.type === 'writer' && memberOf(celosia, 'activity') === 'reconciled') return true
  }
  return false
}

/** The segments of accesses that may hold what is open. */
async function segmentsFrom(
  directory: string,
  candidates: Candidates,
): Promise<readonly SegmentName[]> {
  const segments: SegmentName[] = []
  const left = new Set(candidates.keys())
  for (const segment of (await listSegments(directory, 'records')).toReversed()) {
    segments.unshift(segment)
    const first = await firstOf(directory, segment)
    if (first === undefined) continue
    const from = candidates.get(first.envelope.writer)
    if (from !== undefined && first.envelope.sequence > from) continue
    // An older writer, or one of whom nothing is open before: he is the last that could be looked for here.
    if (from !== undefined) left.delete(first.envelope.writer)
    if (from === undefined || left.size === 0) break
  }
  return segments
}

async function firstOf(directory: string, segment: SegmentName): Promise<ReadRecord | undefined> {
  for await (const record of recordsOf(directory, segment)) return record
  return undefined
}

async function* recordsOf(
  directory: string,
  { name }: SegmentName,
): AsyncGenerator<ReadRecord, void, undefined> {
  const lines = await JournalLines.open(directory, name, 0)
  try {
    for (let line = await lines.next(); line !== undefined; line = await lines.next()) {
      // What is no record is for the verifier to name.
      const read = recordOfLine(line.bytes)
      if (read !== undefined) yield read
    }
  } finally {
    await lines.close()
  }
}

async function readable<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading
  } catch (error) {
    throw new AuditUnavailableError('The journal cannot be read', { cause: error })
  }
}
