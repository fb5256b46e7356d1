/**
 * What stands around the deflate stream of a gzip member (RFC 1952 2.3): the header is taken off here and the trailer
 * checked, so that the end of the one member is known to the byte. Whatever stands behind it is then seen, and refused.
 */
import { crc32 } from 'node:zlib'
import type { Reason } from '../../../core/reasons.ts'
import { RefusedError } from '../../refused.ts'

/** Longest header, with the name of a file and comments in it. */
const HEADER_BYTES_MAX = 4_096
const FIXED_BYTES = 10
/** Checksum and length of what was decoded. */
export const TRAILER_BYTES = 8
const FHCRC = 2
const FEXTRA = 4
const FNAME = 8
const FCOMMENT = 16
const RESERVED = 0xe0
const EMPTY = Buffer.alloc(0)
const REASON: Reason = 'upstream-coding-refused'

/** One member, as it comes. */
export class GzipFraming {
  #header: Buffer | undefined = EMPTY
  /** The last bytes so far: the trailer, if no more come. */
  #tail: Buffer = EMPTY
  #crc = 0
  #size = 0

  /** These bytes without the header; the last ones may be the trailer. Throws {@link RefusedError}. */
  take(chunk: Buffer): Buffer {
    let bytes = chunk
    if (this.#header !== undefined) {
      const all = Buffer.concat([this.#header, chunk])
      const length = headerLength(all)
      if (length === undefined) {
        if (all.length > HEADER_BYTES_MAX) throw new RefusedError(REASON)
        this.#header = all
        return EMPTY
      }
      this.#header = undefined
      bytes = all.subarray(length)
    }
    this.#tail = Buffer.concat([this.#tail, bytes.subarray(-TRAILER_BYTES)]).subarray(
      -TRAILER_BYTES,
    )
    return bytes
  }

  /** Takes note of decoded bytes. */
  sum(decoded: Buffer): void {
    this.#crc = crc32(decoded, this.#crc)
    this.#size = (this.#size + decoded.length) % 2 ** 32
  }

  /** True where the trailer is there and says what was decoded. */
  holds(): boolean {
    const tail = this.#tail
    return (
      tail.length === TRAILER_BYTES &&
      tail.readUInt32LE(0) === this.#crc &&
      tail.readUInt32LE(4) === this.#size
    )
  }
}

/** Where the header ends; undefined where it has not come whole. Throws {@link RefusedError}. */
function headerLength(bytes: Buffer): number | undefined {
  if (bytes.length < FIXED_BYTES) return undefined
  const flags = bytes[3] ?? 0
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b || bytes[2] !== 8 || (flags & RESERVED) !== 0) {
    throw new RefusedError(REASON)
  }
  let at = FIXED_BYTES
  if ((flags & FEXTRA) !== 0) {
    if (bytes.length < at + 2) return undefined
    at += 2 + bytes.readUInt16LE(at)
  }
  for (const flag of [FNAME, FCOMMENT]) {
    if ((flags & flag) === 0) continue
    const end = at > bytes.length ? -1 : bytes.indexOf(0, at)
    if (end === -1) return undefined
    at = end + 1
  }
  if ((flags & FHCRC) !== 0) {
    if (bytes.length < at + 2) return undefined
    if (bytes.readUInt16LE(at) !== (crc32(bytes.subarray(0, at)) & 0xffff)) {
      throw new RefusedError(REASON)
    }
    at += 2
  }
  return at > bytes.length ? undefined : at
}
