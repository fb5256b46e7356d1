/**
 * The spool: a journal that keeps records while Redis is away, until Redis has them. Bounded in bytes. What is in it is
 * replayed segment by segment, and removed only once all of it is in Redis.
 */
import { rename, rm, stat } from 'node:fs/promises'
import type { Clock } from '../../core/clock.ts'
import type { AuditNotes } from '../audit-notes.ts'
import type { PlacedRecord } from '../chain/envelope.ts'
import { AuditUnavailableError } from '../errors.ts'
import { openFileRecordStore } from '../file-record-store.ts'
import type { FileRecordStore } from '../file-record-store.ts'
import type { JournalFiles } from '../journal-files.ts'
import { recordLine } from '../record-codec.ts'
import type { SegmentName } from '../segment-name.ts'
import { segmentPath, spoolRecords, spoolSegments } from './spool-records.ts'

export interface SpoolOptions {
  readonly directory: string
  readonly clock: Clock
  readonly notes: AuditNotes
  readonly files?: JournalFiles
}

/** Small, so that what was replayed is soon removed. */
const SEGMENT_BYTES = 8 * 1024 * 1024

export class Spool {
  readonly #store: FileRecordStore
  readonly #options: SpoolOptions
  #bytes: number

  constructor(store: FileRecordStore, options: SpoolOptions, bytes: number) {
    this.#store = store
    this.#options = options
    this.#bytes = bytes
  }

  /** Opens it, also one that an earlier process left behind. Rejects with AuditUnavailableError. */
  static async open(options: SpoolOptions): Promise<Spool> {
    const store = await openFileRecordStore({ ...options, segmentBytes: SEGMENT_BYTES })
    try {
      const segments = await spoolSegments(options.directory)
      return new Spool(store, options, await bytesOf(options.directory, segments))
    } catch (error) {
      await store.close()
      throw error
    }
  }

  /** Bytes that wait. */
  get bytes(): number {
    return this.#bytes
  }

  /** Why it takes nothing, or undefined. */
  problem(bytesMax: number): string | undefined {
    return this.#bytes >= bytesMax ? FULL : this.#store.problem()
  }

  /** Makes a batch durable. Rejects with AuditUnavailableError where the spool is full or cannot be written. */
  async append(batch: readonly PlacedRecord[], bytesMax: number): Promise<void> {
    const bytes = batch.reduce((sum, record) => sum + recordLine(record).length, 0)
    if (this.#bytes + bytes > bytesMax) throw new AuditUnavailableError(FULL)
    await this.#store.append(batch)
    this.#bytes += bytes
  }

  /** Closes its segments and names them: what is appended from now on goes into others. Not while an append is under way. */
  async segments(): Promise<readonly SegmentName[]> {
    await this.#store.leaveSegments()
    return spoolSegments(this.#options.directory)
  }

  /** The records of these segments, in the order of their chains. */
  records(
    segments: readonly SegmentName[],
    unreadable: (segment: SegmentName) => void,
  ): AsyncIterable<PlacedRecord> {
    const { directory, notes } = this.#options
    return spoolRecords({ directory, segments, notes, unreadable })
  }

  /** Removes segments whose records are all in Redis; those with what is no record are set aside. */
  async remove(
    segments: readonly SegmentName[],
    unreadable: ReadonlySet<SegmentName>,
  ): Promise<void> {
    const { directory } = this.#options
    for (const segment of segments) {
      const path = segmentPath(directory, segment)
      const { size } = await stat(path)
      if (unreadable.has(segment)) await rename(path, `${path}.unreadable`)
      else await rm(path)
      this.#bytes -= size
    }
  }

  /** Looks whether records can be written: tells of a lost lock or a failed disk. */
  health: FileRecordStore['health'] = () => this.#store.health()

  close(): Promise<void> {
    return this.#store.close()
  }
}

const FULL = 'The spool is full'

async function bytesOf(directory: string, segments: readonly SegmentName[]): Promise<number> {
  const sizes = await Promise.all(
    segments.map(async (segment) => (await stat(segmentPath(directory, segment))).size),
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}
