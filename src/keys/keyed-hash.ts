/**
 * HMAC-SHA256 (RFC 2104) of lists of strings, made of two one-shot hashes over prepared pads: the same result as createHmac,
 * at twice the speed for values as short as those of fields.
 */
import { Buffer } from 'node:buffer'
import { hash } from 'node:crypto'

const BLOCK_BYTES = 64
const DIGEST_BYTES = 32
const LENGTH_BYTES = 4

/** Messages up to this size use one buffer again and again. */
const SCRATCH_BYTES = 4_096

/** UTF-8 takes at most so many bytes for a UTF-16 code unit. */
const UTF8_BYTES_MAX = 3

/** The keyed hash of a list of strings, base64url without padding, 43 characters. */
export type KeyedHash = (parts: readonly string[]) => string

/**
 * A keyed hash with this key, which is copied. What is hashed is, for each part, its length in bytes (32 bits, big-endian) and its
 * UTF-8, so that no two lists give the same bytes. Lone surrogates count as U+FFFD.
 */
export function createKeyedHash(key: Uint8Array): KeyedHash {
  const inner = Buffer.alloc(SCRATCH_BYTES)
  const outer = Buffer.alloc(BLOCK_BYTES + DIGEST_BYTES)
  writePad(inner, key, 0x36)
  writePad(outer, key, 0x5c)
  return (parts) => {
    const room = BLOCK_BYTES + bytesMax(parts)
    let message = inner
    if (room > SCRATCH_BYTES) {
      message = Buffer.allocUnsafe(room)
      inner.copy(message, 0, 0, BLOCK_BYTES)
    }
    const end = writeParts(message, parts)
    // As latin1 text, since a Buffer for 32 bytes costs more than the hash.
    outer.write(hash('sha256', message.subarray(0, end), 'latin1'), BLOCK_BYTES, 'latin1')
    return hash('sha256', outer, 'base64url')
  }
}

function writePad(target: Buffer, key: Uint8Array, mask: number): void {
  const block = Buffer.alloc(BLOCK_BYTES)
  block.set(key.length > BLOCK_BYTES ? hash('sha256', key, 'buffer') : key)
  for (const [at, byte] of block.entries()) target[at] = byte ^ mask
}

function bytesMax(parts: readonly string[]): number {
  let bytes = 0
  for (const part of parts) bytes += LENGTH_BYTES + part.length * UTF8_BYTES_MAX
  return bytes
}

function writeParts(message: Buffer, parts: readonly string[]): number {
  let at = BLOCK_BYTES
  for (const part of parts) {
    const written = message.write(part, at + LENGTH_BYTES)
    message.writeUInt32BE(written, at)
    at += LENGTH_BYTES + written
  }
  return at
}
