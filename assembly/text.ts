/** Strings and white space, sixteen bytes at a time. Behind the bytes at hand stand zeros, which end every loop. */

export const SPACE: i32 = 0x20
export const QUOTE: i32 = 0x22
const BACKSLASH: i32 = 0x5c
const LETTER_U: i32 = 0x75

/** A bit for each of the sixteen bytes that is a quote, a backslash or below 0x20. */
function stops(bytes: v128): i32 {
  const quotes = i8x16.eq(bytes, i8x16.splat(0x22))
  const backslashes = i8x16.eq(bytes, i8x16.splat(0x5c))
  const controls = i8x16.lt_u(bytes, i8x16.splat(0x20))
  return i8x16.bitmask(v128.or(v128.or(quotes, backslashes), controls))
}

/** The first byte from `from` on that is no plain character of a string. */
export function plainEnd(from: usize): usize {
  let at = from
  while (true) {
    const found = stops(v128.load(at))
    if (found != 0) return at + ctz(found)
    at += 16
  }
}

/** The quote that ends the string whose text goes on at `from`; 0 where it is not there or an escape is wrong. */
export function stringEnd(from: usize, limit: usize): usize {
  let at = from
  while (at < limit) {
    const found = stops(v128.load(at))
    if (found == 0) {
      at += 16
      continue
    }
    at += ctz(found)
    if (at >= limit) return 0
    let byte: i32 = load<u8>(at)
    if (byte == QUOTE) return at
    if (byte != BACKSLASH) return 0
    // Escapes often stand in a row.
    while (byte == BACKSLASH) {
      const letter: i32 = load<u8>(at + 1)
      if (letter == LETTER_U) {
        if (!isHex(load<u32>(at + 2))) return 0
        at += 6
      } else {
        if (!isEscape(letter)) return 0
        at += 2
      }
      byte = load<u8>(at)
    }
  }
  return 0
}

/** The letters that may follow a backslash, but `u`. */
function isEscape(letter: i32): bool {
  return (
    letter == 0x22 ||
    letter == 0x5c ||
    letter == 0x2f ||
    letter == 0x62 ||
    letter == 0x66 ||
    letter == 0x6e ||
    letter == 0x72 ||
    letter == 0x74
  )
}

/** True for four hexadecimal digits: the highest bit of each byte is set by an addition where it is in a range. */
function isHex(four: u32): bool {
  const folded = four | 0x20202020
  const digits = (four + 0x50505050) & ~(four + 0x46464646)
  const letters = (folded + 0x1f1f1f1f) & ~(folded + 0x19191919)
  return ((digits | letters) & ~four & 0x80808080) == 0x80808080
}

/** The first byte from `from` on that is no white space. */
export function skipSpace(from: usize): usize {
  let at = from
  while (true) {
    const bytes = v128.load(at)
    const spaces = v128.or(i8x16.eq(bytes, i8x16.splat(0x20)), i8x16.eq(bytes, i8x16.splat(0x0a)))
    const others = v128.or(i8x16.eq(bytes, i8x16.splat(0x0d)), i8x16.eq(bytes, i8x16.splat(0x09)))
    const found = ~i8x16.bitmask(v128.or(spaces, others)) & 0xffff
    if (found != 0) return at + ctz(found)
    at += 16
  }
}
