/** Reads a secret key from text, as it stands in a file or an environment variable. */
import { Buffer } from 'node:buffer'
import { KeyInvalidError } from './errors.ts'

/** 256 bits, the output of the hash (RFC 2104 3: shorter keys weaken it). */
const KEY_BYTES_MIN = 32
const KEY_TEXT_UNITS_MAX = 1_024

/** 32 random bytes have about 30 different ones; fewer than this comes from a repeated word or byte. */
const DISTINCT_BYTES_MIN = 12

const HEX = /^[0-9a-f]+$/i
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/
const BASE64URL = /^[A-Za-z0-9_-]+$/

/**
 * The bytes of a key given as hexadecimal digits, base64 or base64url. What has only hexadecimal digits is read as such: a short
 * hexadecimal key must not pass as a long one in base64. Throws {@link KeyInvalidError} where it is not one of these,
 * has fewer than 32 bytes, or repeats itself.
 */
export function parseKey(text: string): Buffer {
  const key = text.length <= KEY_TEXT_UNITS_MAX ? decoded(text.trim()) : undefined
  if (key === undefined) {
    throw new KeyInvalidError('the key is not hexadecimal, base64 or base64url text')
  }
  assertStrongKey(key)
  return key
}

/** Throws {@link KeyInvalidError} where the key has fewer than 32 bytes or hardly any different ones. */
export function assertStrongKey(key: Uint8Array): void {
  if (key.length < KEY_BYTES_MIN) {
    throw new KeyInvalidError(
      `the key has ${key.length} bytes; at least ${KEY_BYTES_MIN} are needed`,
    )
  }
  if (new Set(key).size < DISTINCT_BYTES_MIN) {
    throw new KeyInvalidError(
      'the key repeats the same few bytes; make one with a random generator',
    )
  }
}

function decoded(text: string): Buffer | undefined {
  if (HEX.test(text)) return text.length % 2 === 0 ? Buffer.from(text, 'hex') : undefined
  if (BASE64.test(text)) return canonical(text, 'base64')
  return BASE64URL.test(text) ? canonical(text, 'base64url') : undefined
}

/** Padding may be left out, but no bits beyond the last byte may be set: they would be a second spelling of one key. */
function canonical(text: string, encoding: 'base64' | 'base64url'): Buffer | undefined {
  const bytes = Buffer.from(text, encoding)
  const written = bytes.toString(encoding)
  return written === text || written.replace(/=+$/, '') === text ? bytes : undefined
}
