/** Bytes that arrive in pieces, kept in one piece: appending is cheap, and looking at them copies nothing. */

const FIRST_CAPACITY_BYTES = 16 * 1024

/** A queue of bytes: append at the end, take from the front. */
export class ByteBuffer {
  #bytes = Buffer.allocUnsafe(FIRST_CAPACITY_BYTES)
  #start = 0
  #end = 0

  get length(): number {
    return this.#end - this.#start
  }

  append(chunk: Buffer): void {
    if (this.#end + chunk.length > this.#bytes.length) {
      const roomier = Buffer.allocUnsafe(2 * (this.length + chunk.length))
      this.#bytes.copy(roomier, 0, this.#start, this.#end)
      this.#end -= this.#start
      this.#start = 0
      this.#bytes = roomier
    }
    chunk.copy(this.#bytes, this.#end)
    this.#end += chunk.length
  }

  /** What there is. A view: it stays right, since bytes are never written over. */
  view(): Buffer {
    return this.#bytes.subarray(this.#start, this.#end)
  }

  /** Forgets the first bytes. */
  discard(length: number): void {
    this.#start += length
  }
}
