/**
 * The bytes that leave: ranges of the input as they are, and what was written in place of others. A push without an
 * edit gives a part of the input itself; any other one buffer of its own, never reused.
 */

/** Room for replacements when the first edit of a push is made. */
const SLACK_BYTES = 256

/** Collects one push. Positions are in the bytes at hand. */
export class Output {
  /** Everything before it has been copied or dropped. */
  copied = 0
  #source: Buffer
  #buffer: Buffer | undefined
  #length = 0

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
    const bytes = end - from
    if (bytes <= 0) return
    const buffer = this.#room(bytes)
    this.#source.copy(buffer, this.#length, from, end)
    this.#length += bytes
  }

  /** Copies the bytes up to `start`, writes `json`, and drops what stands before `end`. */
  replace(start: number, end: number, json: Buffer): void {
    this.copyTo(start)
    const buffer = this.#room(json.length)
    buffer.set(json, this.#length)
    this.#length += json.length
    this.copied = end
  }

  /** The same with text. */
  replaceText(start: number, end: number, json: string): void {
    this.copyTo(start)
    // A UTF-16 unit takes at most three bytes.
    const buffer = this.#room(json.length * 3)
    this.#length += buffer.write(json, this.#length)
    this.copied = end
  }

  /** Everything up to `end`, where nothing is being dropped; the collection is empty afterwards. */
  take(end: number): Buffer {
    if (this.#buffer === undefined) {
      const start = this.copied
      this.copied = end
      return this.#source.subarray(start, Math.max(start, end))
    }
    this.copyTo(end)
    const taken = this.#buffer.subarray(0, this.#length)
    this.#buffer = undefined
    this.#length = 0
    return taken
  }

  #room(bytes: number): Buffer {
    const needed = this.#length + bytes
    if (this.#buffer === undefined) {
      this.#buffer = Buffer.allocUnsafe(Math.max(needed, this.#source.length + SLACK_BYTES))
    } else if (needed > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, this.#buffer.length * 2))
      this.#buffer.copy(larger, 0, 0, this.#length)
      this.#buffer = larger
    }
    return this.#buffer
  }
}
