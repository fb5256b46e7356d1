/**
 * The journal: an append-only store of JSON lines in segments of one directory. What waits is written together, and a
 * record counts once fdatasync has returned. A segment in which a write failed is closed and never appended to again.
 */
import { join } from 'node:path'
import { systemClock, type Clock } from '../core/clock.ts'
import { withinTime } from '../core/within-time.ts'
import type { AuditHealth, AuditWriter } from './audit-store.ts'
import { AuditUnavailableError } from './errors.ts'
import { GroupCommit } from './group-commit.ts'
import { nodeJournalFiles, type JournalFiles, type SegmentFile } from './journal-files.ts'
import { endsWithLine } from './journal-lines.ts'
import { lockJournal, type JournalLock } from './journal-lock.ts'
import { noteByWarning, type JournalNotes } from './journal-notes.ts'
import { recordLine } from './record-codec.ts'
import { listSegments, segmentName } from './segment-name.ts'

export interface FileAuditStoreOptions {
  readonly directory: string
  /** How long an append may take, and closing. */
  readonly timeoutMs?: number
  /** A segment is closed before it grows beyond that, unless one group alone is larger. */
  readonly segmentBytes?: number
  readonly clock?: Clock
  readonly files?: JournalFiles
  /** Told of an unfinished line that an earlier writer left behind. */
  readonly notes?: JournalNotes
}

const AUDIT_TIMEOUT_MS = 2_000
const SEGMENT_BYTES_MAX = 64 * 1024 * 1024
/** After a failure everything is refused for so long, so that a full disk does not fill with new segments. */
const RETRY_AFTER_FAILURE_MS = 500

/**
 * Opens the journal of a directory for writing; the directory is made where it is missing. Rejects with
 * AuditUnavailableError where another process writes to it, or it cannot be written to.
 */
export async function openFileAuditStore(options: FileAuditStoreOptions): Promise<AuditWriter> {
  const clock = options.clock ?? systemClock
  const files = options.files ?? nodeJournalFiles
  let lock: JournalLock | undefined
  try {
    await files.makeDirectory(options.directory)
    lock = await lockJournal(options.directory, clock)
    const newest = (await listSegments(options.directory)).at(-1)
    if (newest !== undefined) await noteTornEnd(options, newest.name)
    return new FileAuditStore({ ...options, clock, files, lock, sequence: newest?.sequence ?? 0 })
  } catch (error) {
    await lock?.release()
    throw unavailable('The journal cannot be opened', error)
  }
}

async function noteTornEnd(options: FileAuditStoreOptions, name: string): Promise<void> {
  if (await endsWithLine(join(options.directory, name))) return
  const notes = options.notes ?? noteByWarning
  notes(`The segment ${name} of the journal ends within a line; it stays as it is`)
}

interface StoreParts extends FileAuditStoreOptions {
  readonly clock: Clock
  readonly files: JournalFiles
  readonly lock: JournalLock
  readonly sequence: number
}

class FileAuditStore implements AuditWriter {
  readonly #parts: StoreParts
  readonly #timeoutMs: number
  readonly #group: GroupCommit
  #segment: SegmentFile | undefined
  #segmentBytes = 0
  #sequence: number
  #problem: string | undefined
  #refuseUntilMs = Number.NEGATIVE_INFINITY
  #closing: Promise<void> | undefined

  constructor(parts: StoreParts) {
    this.#parts = parts
    this.#timeoutMs = parts.timeoutMs ?? AUDIT_TIMEOUT_MS
    this.#sequence = parts.sequence
    this.#group = new GroupCommit({ commit: this.#commit, timeoutMs: this.#timeoutMs })
  }

  append: AuditWriter['append'] = async (records) => {
    if (this.#closing !== undefined) throw new AuditUnavailableError('The journal is closed')
    if (this.#parts.lock.lost()) throw new AuditUnavailableError(LOCK_LOST)
    if (records.length === 0) return
    const chunk = Buffer.concat(records.map(recordLine))
    try {
      await this.#group.append(chunk)
    } catch (error) {
      const failure = unavailable('The journal cannot be written', error)
      this.#problem = failure.message
      throw failure
    }
  }

  health: AuditWriter['health'] = (): Promise<AuditHealth> => {
    const closed = this.#closing === undefined ? undefined : 'The journal is closed'
    const problem = closed ?? (this.#parts.lock.lost() ? LOCK_LOST : this.#problem)
    return Promise.resolve({ ok: problem === undefined, problem, durability: 'strict' })
  }

  close: AuditWriter['close'] = () => (this.#closing ??= this.#close())

  async #close(): Promise<void> {
    try {
      // The file is closed after the last write in any case; only the waiting for it is bounded.
      const done = this.#group.drained().then(() => this.#leaveSegment())
      await withinTime(done, this.#timeoutMs, closedLate)
    } finally {
      await this.#parts.lock.release()
    }
  }

  /** Called by the group, once at a time. */
  #commit = async (chunks: readonly Buffer[]): Promise<void> => {
    const { clock } = this.#parts
    if (this.#parts.lock.lost()) throw new AuditUnavailableError(LOCK_LOST)
    if (clock.monotonicMs() < this.#refuseUntilMs) {
      throw new AuditUnavailableError(this.#problem ?? 'The journal failed a moment ago')
    }
    try {
      await this.#write(Buffer.concat(chunks))
      this.#problem = undefined
    } catch (error) {
      this.#refuseUntilMs = clock.monotonicMs() + RETRY_AFTER_FAILURE_MS
      // Half a line may stand at its end, and after a failed fdatasync nobody knows what is on the disk.
      await this.#leaveSegment()
      throw error
    }
  }

  async #write(bytes: Buffer): Promise<void> {
    const limit = this.#parts.segmentBytes ?? SEGMENT_BYTES_MAX
    if (this.#segmentBytes > 0 && this.#segmentBytes + bytes.length > limit)
      await this.#leaveSegment()
    this.#segment ??= await this.#nextSegment()
    this.#segmentBytes += bytes.length
    await this.#segment.write(bytes)
    await this.#segment.datasync()
  }

  // Never an old one: its last line may be torn, and what follows on that line would be lost.
  #nextSegment(): Promise<SegmentFile> {
    const { clock, directory, files } = this.#parts
    this.#sequence += 1
    return files.create(join(directory, segmentName(clock.nowMs(), this.#sequence).name))
  }

  async #leaveSegment(): Promise<void> {
    const segment = this.#segment
    this.#segment = undefined
    this.#segmentBytes = 0
    await segment?.close()
  }
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
