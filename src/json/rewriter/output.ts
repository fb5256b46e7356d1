/**
 * The bytes that leave: ranges of the input as they are, and what was written in place of others. They are given away after
 * each push (one without an edit gives a part of the input itself), or collected over several. What was given away is
 * never written to again.
 */
import { strict as assert } from 'node:assert'

/** Room for replacements when the first edit of a push is made. */
const SLACK_BYTES = 256
/** The same for a whole document, as a part of it: one sixteenth. */
const SLACK_SHIFT = 4
/** Small outputs stand one after the other in a slab: making a buffer for each takes longer than filling it. */
const SLAB_BYTES = 65_536
const SLAB_OUTPUT_BYTES_MAX = 16_384
/** Ranges up to this length are copied here: a call into the runtime takes longer. */
const SHORT_BYTES = 32
const UNIT_BYTES_MAX = 6

const QUOTE = 0x22
const BACKSLASH = 0x5c

// Zeroed, so that a slip in here could never show memory of anything else.
let slab = Buffer.alloc(SLAB_BYTES)
let slabUsed = 0

const EMPTY = Buffer.alloc(0)
const NO_PARTS: readonly Buffer[] = []

/** See the file. Positions are in the bytes at hand. */
export class Output {
  /** Nothing is given away before {@link release}. */
  collects = false
  /** Everything before it has been copied or dropped. */
  copied = 0
  #source: Buffer
  #expected = 0
  /** Full buffers of the collection, before the one at hand, and their length. */
  #parts: Buffer[] = []
  #partsLength = 0
  /** Where the collection stands: from `#start` to `#at`, with room up to `#end`. */
  #buffer: Buffer | undefined
  #start = 0
  #at = 0
  #end = 0

  constructor(source: Buffer) {
    this.#source = source
  }

  /** Goes on with other bytes at hand. What is collected must have been taken. */
  begin(source: Buffer): void {
    this.#source = source
    this.copied = 0
  }

  /** From now on everything is collected, in buffers of about so many bytes. */
  collect(bytes: number): void {
    this.collects = true
    this.#expected = bytes + (bytes >> SLACK_SHIFT)
  }

  /** Bytes that are collected. */
  get length(): number {
    return this.#partsLength + (this.#buffer === undefined ? 0 : this.#at - this.#start)
  }

  /** What was collected, in parts that are not empty; later bytes are collected anew. */
  release(): readonly Buffer[] {
    const last = this.#buffer === undefined ? EMPTY : this.#give(this.#buffer)
    const parts = this.#parts
    if (parts.length === 0) return last.length > 0 ? [last] : NO_PARTS
    if (last.length > 0) parts.push(last)
    this.#parts = []
    this.#partsLength = 0
    return parts
  }

  /** The document has ended. */
  reset(): void {
    this.collects = false
    this.#expected = 0
    this.release()
  }

  /** Copies the bytes up to `end` as they are. */
  copyTo(end: number): void {
    if (end > this.copied) this.#copy(end, 0)
    else this.copied = end
  }

  /** Copies the bytes up to `start`, writes `json`, and drops what stands before `end`. */
  replace(start: number, end: number, json: Buffer): void {
    const { length } = json
    const buffer = this.#copy(start, length)
    this.copied = end
    const at = this.#at
    this.#at = at + length
    if (length > SHORT_BYTES) json.copy(buffer, at, 0, length)
    else for (let i = 0; i < length; i += 1) buffer[at + i] = json[i] as number
  }

  /** The same with a string, which is written as JSON. Lone surrogates become U+FFFD. */
  replaceString(start: number, end: number, text: string): void {
    // A UTF-16 unit takes at most three bytes, or six as an escape; room for so many would be wasted on a long text.
    const isShort = text.length <= SHORT_BYTES
    if (isShort && this.#writePlain(this.#copy(start, text.length * UNIT_BYTES_MAX + 2), text)) {
      this.copied = end
      return
    }
    const json = JSON.stringify(text.toWellFormed())
    const buffer = this.#copy(start, Buffer.byteLength(json))
    this.copied = end
    this.#at += buffer.write(json, this.#at)
  }

  /** Writes a text that stands in JSON as it is. False where it does not: then nothing counts as written. */
  #writePlain(buffer: Buffer, text: string): boolean {
    const at = this.#at + 1
    const { length } = text
    for (let i = 0; i < length; i += 1) {
      const unit = text.charCodeAt(i)
      if (unit < 0x20 || unit > 0x7e || unit === QUOTE || unit === BACKSLASH) return false
      buffer[at + i] = unit
    }
    buffer[at - 1] = QUOTE
    buffer[at + length] = QUOTE
    this.#at = at + length + 1
    return true
  }

  /** Everything up to `end`, where nothing is being dropped; the collection is empty afterwards, unless it goes on. */
  take(end: number): Buffer {
    if (this.collects) {
      this.copyTo(end)
      return EMPTY
    }
    if (this.#buffer === undefined) {
      const start = this.copied
      this.copied = end
      return this.#source.subarray(start, Math.max(start, end))
    }
    this.copyTo(end)
    // Read anew: the last copy may have moved the collection to a larger buffer.
    return this.#give(this.#buffer)
  }

  #give(buffer: Buffer): Buffer {
    this.#buffer = undefined
    if (buffer === slab && slabUsed === this.#end) slabUsed = this.#at
    return buffer.subarray(this.#start, this.#at)
  }

  /** Copies the bytes up to `end` as they are; gives the buffer, with room for so many bytes more. */
  #copy(end: number, more: number): Buffer {
    const from = this.copied
    this.copied = end
    const length = end - from
    assert(length >= 0, 'what has been passed over stays so')
    const buffer = this.#room(length + more)
    const at = this.#at
    this.#at = at + length
    if (length > SHORT_BYTES) this.#source.copy(buffer, at, from, end)
    else for (let i = 0; i < length; i += 1) buffer[at + i] = this.#source[from + i] as number
    return buffer
  }

  /** The buffer, with room for so many bytes more. */
  #room(bytes: number): Buffer {
    const buffer = this.#buffer
    if (buffer !== undefined && this.#at + bytes <= this.#end) return buffer
    const length = this.#at - this.#start
    if (buffer !== undefined && !this.collects) {
      return this.#grow(buffer, Math.max(length + bytes, length * 2))
    }
    if (buffer !== undefined) {
      this.#parts.push(this.#give(buffer))
      this.#partsLength += length
    }
    const usual = this.collects ? this.#expected : this.#source.length
    return this.#reserve(Math.max(bytes, usual) + SLACK_BYTES)
  }

  #reserve(bytes: number): Buffer {
    if (bytes > SLAB_OUTPUT_BYTES_MAX) return this.#use(Buffer.alloc(bytes), 0, bytes)
    if (slabUsed + bytes > SLAB_BYTES) {
      slab = Buffer.alloc(SLAB_BYTES)
      slabUsed = 0
    }
    slabUsed += bytes
    return this.#use(slab, slabUsed - bytes, slabUsed)
  }

  #grow(from: Buffer, bytes: number): Buffer {
    const larger = Buffer.alloc(bytes)
    from.copy(larger, 0, this.#start, this.#at)
    const length = this.#at - this.#start
    this.#use(larger, 0, bytes)
    this.#at = length
    return larger
  }

  #use(buffer: Buffer, start: number, end: number): Buffer {
    this.#buffer = buffer
    this.#start = start
    this.#at = start
    this.#end = end
    return buffer
  }
}
