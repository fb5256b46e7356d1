/** Bytes of one record that have come so far, under a limit. */
import { FormatLimitError } from './errors.ts'

const EMPTY = Buffer.alloc(0)

/** Holds pieces until they are a record. */
export class HeldBytes {
  readonly #bytesMax: number
  #parts: Buffer[] = []
  #length = 0

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  get length(): number {
    return this.#length
  }

  /** Throws {@link FormatLimitError}. */
  add(bytes: Uint8Array): void {
    this.#length += bytes.length
    if (this.#length > this.#bytesMax) {
      throw new FormatLimitError(`a record is longer than ${this.#bytesMax} bytes`)
    }
    // A chunk may be used again by whoever gave it.
    if (bytes.length > 0) this.#parts.push(Buffer.from(bytes))
  }

  /** All that is held; nothing is held afterwards. */
  release(): Buffer {
    const [first = EMPTY, second] = this.#parts
    const all = second === undefined ? first : Buffer.concat(this.#parts, this.#length)
    this.#parts = []
    this.#length = 0
    return all
  }
}
