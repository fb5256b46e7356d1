/**
 * The bytes that leave: ranges of the input as they are, and what was written in place of others. A push without an
 * edit gives a part of the input itself; any other one bytes of its own, never written to again.
 */
import { isPlain } from './string-text.ts'

/** Room for replacements when the first edit of a push is made. */
const SLACK_BYTES = 256
/** Small outputs stand one after the other in a slab: making a buffer for each takes longer than filling it. */
const SLAB_BYTES = 65_536
const SLAB_OUTPUT_BYTES_MAX = 16_384
/** Ranges up to this length are copied here: a call into the runtime takes longer. */
const SHORT_BYTES = 24

const QUOTE = 0x22

// Zeroed, so that a slip in here could never show memory of anything else.
let slab = Buffer.alloc(SLAB_BYTES)
let slabUsed = 0

/** Collects one push. Positions are in the bytes at hand. */
export class Output {
  /** Everything before it has been copied or dropped. */
  copied = 0
  #source: Buffer
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

  /** Copies the bytes up to `end` as they are. */
  copyTo(end: number): void {
    const from = this.copied
    this.copied = end
    if (end > from) this.#append(this.#source, from, end)
  }

  /** Copies the bytes up to `start`, writes `json`, and drops what stands before `end`. */
  replace(start: number, end: number, json: Buffer): void {
    this.copyTo(start)
    this.#append(json, 0, json.length)
    this.copied = end
  }

  /** The same with a string, which is written as JSON. Lone surrogates become U+FFFD. */
  replaceString(start: number, end: number, text: string): void {
    this.copyTo(start)
    this.copied = end
    if (text.length <= SHORT_BYTES && isPlain(text)) {
      const buffer = this.#room(text.length + 2)
      buffer[this.#at] = QUOTE
      const at = this.#at + 1
      for (let i = 0; i < text.length; i += 1) buffer[at + i] = text.charCodeAt(i)
      buffer[at + text.length] = QUOTE
      this.#at = at + text.length + 1
      return
    }
    const json = JSON.stringify(text.toWellFormed())
    // A UTF-16 unit takes at most three bytes.
    const buffer = this.#room(json.length * 3)
    this.#at += buffer.write(json, this.#at)
  }

  /** Everything up to `end`, where nothing is being dropped; the collection is empty afterwards. */
  take(end: number): Buffer {
    if (this.#buffer === undefined) {
      const start = this.copied
      this.copied = end
      return this.#source.subarray(start, Math.max(start, end))
    }
    this.copyTo(end)
    // Read anew: the last copy may have moved the collection to a larger buffer.
    const buffer = this.#buffer
    this.#buffer = undefined
    if (buffer === slab && slabUsed === this.#end) slabUsed = this.#at
    return buffer.subarray(this.#start, this.#at)
  }

  #append(from: Buffer, start: number, end: number): void {
    const length = end - start
    const buffer = this.#room(length)
    const at = this.#at
    this.#at = at + length
    if (length > SHORT_BYTES) from.copy(buffer, at, start, end)
    else for (let i = 0; i < length; i += 1) buffer[at + i] = from[start + i] as number
  }

  /** The buffer, with room for so many bytes more. */
  #room(bytes: number): Buffer {
    const buffer = this.#buffer
    if (buffer !== undefined && this.#at + bytes <= this.#end) return buffer
    const length = this.#at - this.#start
    return buffer === undefined
      ? this.#reserve(Math.max(bytes, this.#source.length + SLACK_BYTES))
      : this.#grow(buffer, Math.max(length + bytes, length * 2))
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
