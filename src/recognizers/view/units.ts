/** The UTF-16 units of a text as an array of numbers, which is read in half the time that asking a string for each takes. */
import { Buffer } from 'node:buffer'

/** Units of the memory that is kept between texts; for a longer text it is made anew. */
const KEPT_UNITS_MAX = 65_536
/** A text of fewer is copied one by one. */
const BLOCK_UNITS_MIN = 96

const LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1

/** See the file. Holds one text at a time. */
export class Units {
  #memory = new Uint16Array(0)
  #bytes = Buffer.alloc(0)
  #text = ''

  /** The units, with a zero behind the last one; what lies behind that is anything. Good until it is asked for another text, or cleared. */
  of(text: string): Uint16Array {
    const { length } = text
    if (text === this.#text && length > 0) return this.#memory
    if (length >= this.#memory.length) this.#allocate(Math.max(KEPT_UNITS_MAX, length + 1))
    const memory = this.#memory
    if (length < BLOCK_UNITS_MIN) {
      for (let at = 0; at < length; at += 1) memory[at] = text.charCodeAt(at)
    } else {
      this.#bytes.write(text, 0, 'utf16le')
      if (!LITTLE_ENDIAN) this.#bytes.subarray(0, length * 2).swap16()
    }
    memory[length] = 0
    this.#text = text
    return memory
  }

  /** Forgets the text. */
  clear(): void {
    this.#memory.fill(0, 0, this.#text.length)
    if (this.#memory.length > KEPT_UNITS_MAX) this.#allocate(0)
    this.#text = ''
  }

  #allocate(units: number): void {
    this.#memory = new Uint16Array(units)
    this.#bytes = Buffer.from(this.#memory.buffer)
  }
}
