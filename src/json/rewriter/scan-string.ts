/** Finds the end of a string in bytes and checks its escapes (RFC 8259 7), four bytes at a time. */
import { JsonSyntaxError } from '../errors.ts'

const QUOTE = 0x22
const BACKSLASH = 0x5c
const SPACE = 0x20
const LETTER_U = 0x75
/** The letters that may follow a backslash, but `u`. */
const ESCAPES = new Set(Array.from('"\\/bfnrt', (letter) => letter.charCodeAt(0)))

/**
 * Not 0 where one of four bytes is a quote, a backslash or below 0x20: the lowest bit set is in the first such byte.
 * Bytes above the first may be marked by a borrow. Flipping the bit 2 puts the quote right above the control characters.
 */
export function stopsIn(four: number): number {
  const low = four ^ 0x02020202
  const backslash = four ^ 0x5c5c5c5c
  return (((low - 0x21212121) & ~low) | ((backslash - 0x01010101) & ~backslash)) & 0x80808080
}

/** The first byte from `from` on that is no plain character of a string, or the length. */
export function scanPlain(view: DataView, from: number, length: number): number {
  let at = from
  while (at + 4 <= length) {
    const stops = stopsIn(view.getInt32(at, true))
    if (stops !== 0) return at + ((31 - Math.clz32(stops & -stops)) >> 3)
    at += 4
  }
  return length
}

/**
 * The position of the closing quote of a string that goes on at `from`. Where the bytes end first: the bitwise
 * complement (a negative number) of where to go on, which is `length` or the start of an escape that is not whole.
 * Throws a JsonSyntaxError. `view` is over `bytes`.
 */
export function scanString(
  bytes: Uint8Array,
  view: DataView,
  from: number,
  length: number,
): number {
  const lastFour = length - 4
  const lastEight = length - 8
  let at = from
  for (;;) {
    while (at <= lastEight) {
      const stops = stopsIn(view.getInt32(at, true))
      const more = stopsIn(view.getInt32(at + 4, true))
      if ((stops | more) !== 0) break
      at += 8
    }
    while (at <= lastFour) {
      const stops = stopsIn(view.getInt32(at, true))
      if (stops !== 0) {
        at += (31 - Math.clz32(stops & -stops)) >> 3
        break
      }
      at += 4
    }
    if (at >= length) return ~length
    const byte = bytes[at] as number
    if (byte === QUOTE) return at
    if (byte === BACKSLASH) {
      const after = escapeEnd(bytes, at, length)
      if (after < 0) return ~at
      at = after
    } else if (byte < SPACE) throw new JsonSyntaxError(at, 'a control character in a string')
    else at += 1
  }
}

/** The position after the escape at `at`; -1 where the bytes end within it. */
function escapeEnd(bytes: Uint8Array, at: number, length: number): number {
  if (at + 1 >= length) return -1
  const letter = bytes[at + 1] as number
  if (letter !== LETTER_U) {
    if (ESCAPES.has(letter)) return at + 2
    throw new JsonSyntaxError(at, 'an escape that JSON does not have')
  }
  const end = Math.min(at + 6, length)
  for (let digit = at + 2; digit < end; digit += 1) {
    if (!isHexDigit(bytes[digit] as number)) {
      throw new JsonSyntaxError(digit, 'expected four hexadecimal digits')
    }
  }
  return at + 6 <= length ? at + 6 : -1
}

function isHexDigit(byte: number): boolean {
  const letter = byte | 0x20
  return (byte >= 0x30 && byte <= 0x39) || (letter >= 0x61 && letter <= 0x66)
}
