/** Lines of one segment, read forward in bounded pieces, also while a writer appends to it. */
import { open, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { AuditCorruptError } from './errors.ts'
import { RECORD_BYTES_MAX } from './chain/envelope.ts'
import { formatPosition } from './segment-name.ts'

/** A complete line, without its line feed. */
export interface JournalLine {
  readonly offset: number
  readonly bytes: Buffer
}

const PIECE_BYTES = 256 * 1024
const LINE_FEED = 0x0a

export class JournalLines {
  readonly #handle: FileHandle
  readonly #name: string
  /** Bytes from #offset on that have been read but not given. */
  #held: Buffer = Buffer.alloc(0)
  #offset: number

  constructor(handle: FileHandle, name: string, offset: number) {
    this.#handle = handle
    this.#name = name
    this.#offset = offset
  }

  /** Opens a segment at the start of a line. */
  static async open(directory: string, name: string, offset: number): Promise<JournalLines> {
    return new JournalLines(await open(join(directory, name), 'r'), name, offset)
  }

  /**
   * The next complete line that ends at or before `end`, or undefined where there is none yet; asked again, it looks
   * again. Throws AuditCorruptError at a line that is longer than a record may be.
   */
  async next(end: number = Number.POSITIVE_INFINITY): Promise<JournalLine | undefined> {
    let searched = 0
    for (;;) {
      const feed = this.#held.indexOf(LINE_FEED, searched)
      if (feed >= 0) return this.#offset + feed < end ? this.#give(feed) : undefined
      if (this.#held.length > RECORD_BYTES_MAX) throw this.#corrupt('A line is too long')
      searched = this.#held.length
      if (!(await this.#readMore())) return undefined
    }
  }

  /** Where the next line starts, and how many bytes of it are there: 0 where none are, or all are. */
  unfinished(): { readonly position: string; readonly bytes: number } {
    const bytes = this.#held.includes(LINE_FEED) ? 0 : this.#held.length
    return { position: formatPosition(this.#name, this.#offset), bytes }
  }

  close(): Promise<void> {
    return this.#handle.close()
  }

  #give(feed: number): JournalLine {
    const line = { offset: this.#offset, bytes: this.#held.subarray(0, feed) }
    this.#held = this.#held.subarray(feed + 1)
    this.#offset += feed + 1
    return line
  }

  async #readMore(): Promise<boolean> {
    const piece = Buffer.allocUnsafe(PIECE_BYTES)
    const from = this.#offset + this.#held.length
    const { bytesRead } = await this.#handle.read(piece, 0, PIECE_BYTES, from)
    if (bytesRead === 0) return false
    this.#held = Buffer.concat([this.#held, piece.subarray(0, bytesRead)])
    return true
  }

  #corrupt(what: string): AuditCorruptError {
    return new AuditCorruptError(formatPosition(this.#name, this.#offset), what)
  }
}

/** Whether a file ends with a complete line, or is empty. */
export async function endsWithLine(path: string): Promise<boolean> {
  const handle = await open(path, 'r')
  try {
    const { size } = await handle.stat()
    if (size === 0) return true
    const last = Buffer.alloc(1)
    await handle.read(last, 0, 1, size - 1)
    return last[0] === LINE_FEED
  } finally {
    await handle.close()
  }
}
