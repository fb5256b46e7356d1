/** Tells names that data was used for, by the rule of src/json/foreign-name.ts. */

const AT_SIGN: i32 = 0x40
const LENGTH_MAX: i32 = 64
const DIGITS_MAX: i32 = 4

/** True where the name, which has no escapes, is no word of a schema. */
export function isForeign(start: usize, length: i32): bool {
  if (length > LENGTH_MAX) return true
  if (length <= 16 && isShortWord(v128.load(start), (1 << length) - 1)) return false
  let at = start
  const end = start + length
  if (length > 0 && <i32>load<u8>(at) == AT_SIGN) at++
  let digits = 0
  for (; at < end; at++) {
    const byte: i32 = load<u8>(at)
    if (<u32>(byte - 0x30) <= 9) {
      if (++digits > DIGITS_MAX) return true
    } else if (isMark(byte) || <u32>((byte | 0x20) - 0x61) <= 25) digits = 0
    else return true
  }
  return false
}

/** `#`, `$`, `-`, `.`, `:` and `_`. */
function isMark(byte: i32): bool {
  return (
    byte == 0x23 || byte == 0x24 || byte == 0x2d || byte == 0x2e || byte == 0x3a || byte == 0x5f
  )
}

/** True where the bytes of the mask are letters, digits, `_`, `-` and `.`, with few digits: what most names are. */
function isShortWord(bytes: v128, mask: i32): bool {
  const letters = i8x16.le_u(
    i8x16.sub(v128.or(bytes, i8x16.splat(0x20)), i8x16.splat(0x61)),
    i8x16.splat(25),
  )
  const digits = i8x16.le_u(i8x16.sub(bytes, i8x16.splat(0x30)), i8x16.splat(9))
  const marks = v128.or(
    i8x16.eq(bytes, i8x16.splat(0x5f)),
    v128.or(i8x16.eq(bytes, i8x16.splat(0x2d)), i8x16.eq(bytes, i8x16.splat(0x2e))),
  )
  const known = i8x16.bitmask(v128.or(v128.or(letters, digits), marks))
  const runs = i8x16.bitmask(digits) & mask
  const long = runs & (runs >> 1) & (runs >> 2) & (runs >> 3) & (runs >> 4)
  return (known & mask) == mask && long == 0
}
