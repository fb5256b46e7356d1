/** Checks a stream of pieces for UTF-8 (RFC 3629): a character may lie across the border of two. */
import { isUtf8 } from 'node:buffer'

/** The longest character. */
const CHARACTER_BYTES_MAX = 4

/** Tells of each piece whether everything so far is UTF-8, but for a character that the piece begins. */
export class Utf8Check {
  /** The first bytes of the character that is not whole. */
  #begun: Uint8Array | undefined
  #begunLength = 0
  /** How many bytes that character has; 0 where none is begun. */
  #wanted = 0

  /** False as soon as the bytes cannot be UTF-8. */
  accepts(piece: Uint8Array): boolean {
    let from = 0
    if (this.#wanted > 0 && this.#begun !== undefined) {
      from = Math.min(this.#wanted - this.#begunLength, piece.length)
      this.#begun.set(piece.subarray(0, from), this.#begunLength)
      this.#begunLength += from
      if (this.#begunLength < this.#wanted) return true
      if (!isUtf8(this.#begun.subarray(0, this.#wanted))) return false
      this.#wanted = 0
    }
    const to = this.#beginLast(piece, from)
    if (from === 0 && to === piece.length) return isUtf8(piece)
    return isUtf8(piece.subarray(from, to))
  }

  /** Begins with another stream. */
  reset(): void {
    this.#wanted = 0
  }

  /** False where the last character is not whole. */
  get whole(): boolean {
    return this.#wanted === 0
  }

  /** Keeps the character that the piece ends in the midst of; returns where it begins, or the piece's length. */
  #beginLast(piece: Uint8Array, from: number): number {
    const { length } = piece
    const lowest = Math.max(from, length - CHARACTER_BYTES_MAX + 1)
    for (let at = length - 1; at >= lowest; at -= 1) {
      const byte = piece[at] as number
      if (byte < 0x80) break
      if (byte < 0xc0) continue
      const wanted = characterLength(byte)
      if (at + wanted <= length) break
      this.#wanted = wanted
      this.#begunLength = length - at
      this.#begun ??= new Uint8Array(CHARACTER_BYTES_MAX)
      this.#begun.set(piece.subarray(at))
      return at
    }
    return length
  }
}

/** How many bytes a character with this first byte has. A byte that begins none is found wrong by isUtf8. */
function characterLength(first: number): number {
  if (first >= 0xf0) return first <= 0xf4 ? 4 : 1
  return first >= 0xe0 ? 3 : 2
}
