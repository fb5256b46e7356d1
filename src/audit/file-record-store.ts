/**
 * The journal: an append-only store of JSON lines, in segments for each stream in one directory. A record counts once
 * fdatasync has returned. A segment in which a write failed is closed and never appended to again.
 */
import { join } from 'node:path'
import { STREAM_NAMES, STREAM_OF } from '../core/audit-record.ts'
import type { StreamName } from '../core/audit-record.ts'
import { systemClock, type Clock } from '../core/clock.ts'
import { withinTime } from '../core/within-time.ts'
import type { AuditHealth } from './audit-store.ts'
import { noteByWarning, type AuditNotes } from './audit-notes.ts'
import type { PlacedRecord } from './chain/envelope.ts'
import { AuditUnavailableError } from './errors.ts'
import { nodeJournalFiles, type JournalFiles } from './journal-files.ts'
import { endsWithLine } from './journal-lines.ts'
import { lockJournal, type JournalLock } from './journal-lock.ts'
import { JournalSegments } from './journal-segments.ts'
import { recordLine } from './record-codec.ts'
import type { RecordStore } from './record-store.ts'
import { listSegments } from './segment-name.ts'

export interface FileRecordStoreOptions {
  readonly directory: string
  /** How long closing may take. */
  readonly timeoutMs?: number
  /** A segment is closed before it grows beyond that, unless one write alone is larger. */
  readonly segmentBytes?: number
  readonly clock?: Clock
  readonly files?: JournalFiles
  /** Told of an unfinished line that an earlier writer left behind. */
  readonly notes?: AuditNotes
}

const TIMEOUT_MS = 2_000
const SEGMENT_BYTES_MAX = 64 * 1024 * 1024
/** After a failure everything is refused for so long, so that a full disk does not fill with new segments. */
const RETRY_AFTER_FAILURE_MS = 500

/**
 * Opens the journal of a directory for writing; the directory is made where it is missing. Rejects with
 * AuditUnavailableError where another process writes to it, or it cannot be written to.
 */
export async function openFileRecordStore(
  options: FileRecordStoreOptions,
): Promise<FileRecordStore> {
  const clock = options.clock ?? systemClock
  const files = options.files ?? nodeJournalFiles
  let lock: JournalLock | undefined
  try {
    await files.makeDirectory(options.directory)
    lock = await lockJournal(options.directory, clock)
    const streams = new Map<StreamName, JournalSegments>()
    for (const stream of STREAM_NAMES) {
      streams.set(stream, await openSegments(stream, { ...options, clock, files }))
    }
    return new FileRecordStore({ ...options, clock, files, lock, streams })
  } catch (error) {
    await lock?.release()
    throw unavailable('The journal cannot be opened', error)
  }
}

type Defaulted = FileRecordStoreOptions & Required<Pick<FileRecordStoreOptions, 'clock' | 'files'>>

async function openSegments(stream: StreamName, options: Defaulted): Promise<JournalSegments> {
  const { directory, clock, files, segmentBytes = SEGMENT_BYTES_MAX } = options
  const newest = (await listSegments(directory, stream)).at(-1)
  if (newest !== undefined && !(await endsWithLine(join(directory, newest.name)))) {
    const notes = options.notes ?? noteByWarning
    notes(`The segment ${newest.name} of the journal ends within a line; it stays as it is`)
  }
  return new JournalSegments({
    directory,
    stream,
    files,
    clock,
    segmentBytes,
    number: newest?.number ?? 0,
  })
}

interface StoreParts extends Defaulted {
  readonly lock: JournalLock
  readonly streams: ReadonlyMap<StreamName, JournalSegments>
}

export class FileRecordStore implements RecordStore {
  readonly #parts: StoreParts
  #underWay: Promise<void> = Promise.resolve()
  #problem: string | undefined
  #refuseUntilMs = Number.NEGATIVE_INFINITY
  #closing: Promise<void> | undefined
  /** The lock was given back while a write was under way: nothing more may be written. */
  #abandoned = false

  constructor(parts: StoreParts) {
    this.#parts = parts
  }

  append: RecordStore['append'] = async (batch) => {
    if (this.#closing !== undefined) throw new AuditUnavailableError('The journal is closed')
    const { clock, lock } = this.#parts
    if (lock.lost()) throw new AuditUnavailableError(LOCK_LOST)
    if (clock.monotonicMs() < this.#refuseUntilMs)
      throw new AuditUnavailableError(this.#problem ?? 'The journal failed a moment ago')
    const writing = this.#write(batch)
    this.#underWay = writing.catch(() => undefined)
    try {
      await writing
      this.#problem = undefined
    } catch (error) {
      const failure = unavailable('The journal cannot be written', error)
      this.#problem = failure.message
      throw failure
    }
  }

  health: RecordStore['health'] = (): Promise<AuditHealth> => {
    const closed = this.#closing === undefined ? undefined : 'The journal is closed'
    const problem = closed ?? (this.#parts.lock.lost() ? LOCK_LOST : this.#problem)
    return Promise.resolve({ ok: problem === undefined, problem, durability: 'strict' })
  }

  problem: RecordStore['problem'] = () => (this.#parts.lock.lost() ? LOCK_LOST : undefined)

  configure: RecordStore['configure'] = () => undefined

  spooledBytes: RecordStore['spooledBytes'] = () => 0

  beat: RecordStore['beat'] = () => Promise.resolve()

  /** Closes the segments, so that what is in them stays as it is. Not while an append is under way. */
  async leaveSegments(): Promise<void> {
    for (const segments of this.#parts.streams.values()) await segments.leave()
  }

  close: RecordStore['close'] = () => (this.#closing ??= this.#close())

  async #close(): Promise<void> {
    try {
      // The files are closed after the last write in any case; only the waiting for it is bounded.
      const done = this.#underWay.then(() => this.#eachStream((segments) => segments.leave()))
      await withinTime(done, this.#parts.timeoutMs ?? TIMEOUT_MS, closedLate)
    } finally {
      this.#abandoned = true
      await this.#parts.lock.release()
    }
  }

  /** Run by run and each to the disk before the next, so that a crash leaves a first part of the chain, never a gap. */
  async #write(batch: readonly PlacedRecord[]): Promise<void> {
    try {
      for (const segments of this.#parts.streams.values())
        if (segments.isOver) await segments.leave()
      for (const { stream, bytes } of runsOf(batch)) {
        if (this.#abandoned) throw closedLate()
        await this.#parts.streams.get(stream)?.write(bytes)
      }
    } catch (error) {
      this.#refuseUntilMs = this.#parts.clock.monotonicMs() + RETRY_AFTER_FAILURE_MS
      await this.#eachStream((segments) => segments.abandon())
      throw error
    }
  }

  async #eachStream(act: (segments: JournalSegments) => Promise<void>): Promise<void> {
    // One that fails does not keep the others from it; what is on the disk stays there.
    await Promise.allSettled([...this.#parts.streams.values()].map(act))
  }
}

interface Run {
  readonly stream: StreamName
  readonly bytes: Buffer
}

function runsOf(batch: readonly PlacedRecord[]): readonly Run[] {
  const runs: { readonly stream: StreamName; readonly lines: Buffer[] }[] = []
  for (const sealed of batch) {
    const stream = STREAM_OF[sealed.envelope.type]
    const last = runs.at(-1)
    if (last?.stream === stream) last.lines.push(recordLine(sealed))
    else runs.push({ stream, lines: [recordLine(sealed)] })
  }
  return runs.map(({ stream, lines }) => ({ stream, bytes: Buffer.concat(lines) }))
}

function closedLate(): AuditUnavailableError {
  return new AuditUnavailableError('The journal was closed while a write took too long')
}

const LOCK_LOST = 'The lock of the journal was lost to another process, or removed'

/** The error as ours: a code of the operating system says enough, and its message would name paths. */
function unavailable(what: string, error: unknown): AuditUnavailableError {
  if (error instanceof AuditUnavailableError) return error
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
  return new AuditUnavailableError(`${what} (${code})`, { cause: error })
}
