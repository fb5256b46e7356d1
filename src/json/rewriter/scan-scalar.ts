/** Finds the end of numbers and of `true`, `false` and `null` (RFC 8259 3 and 6), and of white space. */
import { JsonSyntaxError } from '../errors.ts'

const LINE_FEED = 0x0a
const FOUR_SPACES = 0x20202020
const MINUS = 0x2d
const PLUS = 0x2b
const POINT = 0x2e
const ZERO = 0x30
const NINE = 0x39
const LETTER_E = 0x65
const LETTER_T = 0x74
const LETTER_F = 0x66
const LETTER_N = 0x6e
/** Set in ASCII letters of lower case. */
const LOWER_CASE = 0x20

const TRUE = Buffer.from('true')
const FALSE = Buffer.from('false')
const NULL = Buffer.from('null')

/** The position of the first byte from `from` on that is no white space, or `length`. */
export function skipSpace(bytes: Uint8Array, from: number, length: number): number {
  let at = from
  while (at < length && isSpace(bytes[at] as number)) at += 1
  return at
}

/** The same, with a short way for the indentation of documents that are laid out for readers. */
export function skipIndent(
  bytes: Uint8Array,
  view: DataView,
  from: number,
  length: number,
): number {
  let at = from
  if (at < length && bytes[at] === LINE_FEED) at += 1
  while (at + 4 <= length && view.getInt32(at, true) === FOUR_SPACES) at += 4
  while (at < length && isSpace(bytes[at] as number)) at += 1
  return at
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === LINE_FEED || byte === 0x0d || byte === 0x09
}

/**
 * The position after the number, literal or what else begins at `at`; negative where the bytes end within it. A
 * number that ends with the bytes is returned whole: the caller knows whether more may come. Throws a JsonSyntaxError.
 */
export function scanScalar(bytes: Uint8Array, at: number, length: number): number {
  const byte = bytes[at] as number
  if ((byte >= ZERO && byte <= NINE) || byte === MINUS) return scanNumber(bytes, at, length)
  if (byte === LETTER_N) return scanLiteral(bytes, at, length, NULL)
  if (byte === LETTER_T) return scanLiteral(bytes, at, length, TRUE)
  if (byte === LETTER_F) return scanLiteral(bytes, at, length, FALSE)
  throw new JsonSyntaxError(at, 'expected a value')
}

function scanLiteral(bytes: Uint8Array, from: number, length: number, literal: Buffer): number {
  const end = from + literal.length
  for (let at = from + 1; at < end; at += 1) {
    if (at === length) return -1
    if (bytes[at] !== literal[at - from]) {
      throw new JsonSyntaxError(at, 'expected true, false or null')
    }
  }
  return end
}

function scanNumber(bytes: Uint8Array, from: number, length: number): number {
  let at = bytes[from] === MINUS ? from + 1 : from
  if (at === length) return -1
  if (bytes[at] === ZERO) at += 1
  else at = scanDigits(bytes, at, length)
  if (at < length && bytes[at] === POINT) {
    if (at + 1 === length) return -1
    at = scanDigits(bytes, at + 1, length)
  }
  if (at < length && ((bytes[at] as number) | LOWER_CASE) === LETTER_E) {
    at += 1
    if (at < length && (bytes[at] === PLUS || bytes[at] === MINUS)) at += 1
    if (at === length) return -1
    at = scanDigits(bytes, at, length)
  }
  return at
}

/** One digit or more. What follows a number is checked by whoever expects a comma or bracket. */
function scanDigits(bytes: Uint8Array, from: number, length: number): number {
  let at = from
  while (at < length && (bytes[at] as number) >= ZERO && (bytes[at] as number) <= NINE) at += 1
  if (at === from) throw new JsonSyntaxError(at, 'expected a digit')
  return at
}
