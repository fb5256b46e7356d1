/** The segments of one stream of a journal, as a writer sees them: the one that is appended to, and the next one. */
import { join } from 'node:path'
import type { StreamName } from '../core/audit-record.ts'
import type { Clock } from '../core/clock.ts'
import type { JournalFiles, SegmentFile } from './journal-files.ts'
import { segmentName } from './segment-name.ts'

export interface JournalSegmentsOptions {
  readonly directory: string
  readonly stream: StreamName
  readonly files: JournalFiles
  readonly clock: Clock
  /** A segment is closed before it grows beyond that, unless one write alone is larger. */
  readonly segmentBytes: number
  /** Number of the newest segment that is there; 0 where there is none. */
  readonly number: number
}

export class JournalSegments {
  readonly #options: JournalSegmentsOptions
  #segment: SegmentFile | undefined
  /** Bytes that are known to be on the disk. */
  #durableBytes = 0
  #number: number
  /** The day, in UTC, on which the segment was begun. */
  #day = 0

  constructor(options: JournalSegmentsOptions) {
    this.#options = options
    this.#number = options.number
  }

  /** Writes at the end, and resolves once it is on the disk. After a rejection, {@link abandon} must follow. */
  async write(bytes: Buffer): Promise<void> {
    const full = this.#durableBytes + bytes.length > this.#options.segmentBytes
    if (this.#durableBytes > 0 && full) await this.leave()
    this.#segment ??= await this.#next()
    await this.#segment.write(bytes)
    await this.#segment.datasync()
    this.#durableBytes += bytes.length
  }

  /** The segment is of another day, and to be left: retention takes whole segments, and so the days that are over. */
  get isOver(): boolean {
    return this.#segment !== undefined && this.#day !== dayOf(this.#options.clock)
  }

  /** Closes the segment; the next write begins another. */
  async leave(): Promise<void> {
    const segment = this.#segment
    this.#segment = undefined
    this.#durableBytes = 0
    await segment?.close()
  }

  /**
   * Leaves a segment in which a write failed: half a line may stand at its end, and after a failed fdatasync nobody
   * knows what is on the disk. What is not known to be there is cut off, if that is possible.
   */
  async abandon(): Promise<void> {
    try {
      await this.#segment?.truncate(this.#durableBytes)
    } finally {
      await this.leave()
    }
  }

  // Never an old one: its last line may be torn, and what follows on that line would be lost.
  #next(): Promise<SegmentFile> {
    const { clock, directory, files, stream } = this.#options
    this.#number += 1
    this.#day = dayOf(clock)
    return files.create(join(directory, segmentName(stream, clock.nowMs(), this.#number).name))
  }
}

const DAY_MS = 86_400_000

function dayOf(clock: Clock): number {
  return Math.floor(clock.nowMs() / DAY_MS)
}
