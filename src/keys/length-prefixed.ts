/** Lists of texts as bytes, so that no two lists give the same. */
import { Buffer } from 'node:buffer'

const LENGTH_BYTES = 4

/** Each part after its length in bytes (32 bits, big-endian), in UTF-8. */
export function lengthPrefixed(parts: readonly string[]): Buffer {
  return Buffer.concat(
    parts.flatMap((part) => {
      const bytes = Buffer.from(part)
      const length = Buffer.alloc(LENGTH_BYTES)
      length.writeUInt32BE(bytes.length)
      return [length, bytes]
    }),
  )
}
