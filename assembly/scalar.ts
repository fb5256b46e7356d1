/** Numbers and literals (RFC 8259 3 and 6). */

const ZERO: i32 = 0x30
const MINUS: i32 = 0x2d
const PLUS: i32 = 0x2b
const POINT: i32 = 0x2e
const LETTER_E: i32 = 0x65
/** The first four bytes of literals, the first one lowest. */
const NULL: i32 = 0x6c6c756e
const TRUE: i32 = 0x65757274
const FALS: i32 = 0x736c6166

function isDigit(byte: i32): bool {
  return <u32>(byte - ZERO) <= 9
}

/** The position after the number or literal at `from`; 0 where it is neither. Nothing is said of what follows. */
export function scalarEnd(from: usize): usize {
  const four = load<i32>(from)
  if (four == NULL || four == TRUE) return from + 4
  if (four == FALS && <i32>load<u8>(from + 4) == LETTER_E) return from + 5
  let at = from
  let byte: i32 = load<u8>(at)
  if (byte == MINUS) byte = load<u8>(++at)
  if (!isDigit(byte)) return 0
  const isZero = byte == ZERO
  byte = load<u8>(++at)
  if (!isZero) while (isDigit(byte)) byte = load<u8>(++at)
  if (byte == POINT) {
    byte = load<u8>(++at)
    if (!isDigit(byte)) return 0
    while (isDigit(byte)) byte = load<u8>(++at)
  }
  if ((byte | 0x20) == LETTER_E) {
    byte = load<u8>(++at)
    if (byte == PLUS || byte == MINUS) byte = load<u8>(++at)
    if (!isDigit(byte)) return 0
    while (isDigit(byte)) byte = load<u8>(++at)
  }
  return at
}
