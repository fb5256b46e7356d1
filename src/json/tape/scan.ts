/** Finds where strings and numbers end in bytes that have been validated. */
import { strict as assert } from 'node:assert'

const QUOTE = 0x22
const BACKSLASH = 0x5c

/**
 * The position of the quote that ends the string whose text begins at `from`; its bitwise complement (a negative
 * number) where the text has escapes.
 */
export function scanStringEnd(bytes: Uint8Array, from: number, end: number): number {
  let at = from
  let escaped = false
  while (at < end) {
    const byte = bytes[at]
    if (byte === QUOTE) return escaped ? ~at : at
    if (byte === BACKSLASH) {
      escaped = true
      at += 1
    }
    at += 1
  }
  return assert.fail('a string without end')
}

/** The position after the number that begins at `from`. */
export function scanNumberEnd(bytes: Uint8Array, from: number, end: number): number {
  let at = from + 1
  while (at < end && isNumberByte(bytes[at] ?? 0)) at += 1
  return at
}

/** Digits, sign, point and exponent. */
function isNumberByte(byte: number): boolean {
  return (
    (byte >= 0x30 && byte <= 0x39) ||
    byte === 0x2e ||
    byte === 0x2d ||
    byte === 0x2b ||
    (byte | 0x20) === 0x65
  )
}
