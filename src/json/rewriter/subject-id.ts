/** Ids of data subjects as keys of tables. */
import { decodeText } from './string-text.ts'

const QUOTE = 0x22
const MINUS = 0x2d
const ZERO = 0x30
const NINE = 0x39
const ARRAY_OPEN = 0x5b

/** Digits that a double holds exactly. */
const DIGITS_MAX = 15
const WHOLE_NUMBER = /^(?:0|[1-9][0-9]{0,14})$/

/**
 * An id: its text, or for a whole number without leading zeros, however it was written, the number, whose text is the
 * same. Numbers are several times faster as keys than text.
 */
export type SubjectId = string | number

/** The id that the value between `start` and `end` is; undefined for null and booleans. */
export function subjectIdAt(bytes: Buffer, start: number, end: number): SubjectId | undefined {
  const first = bytes[start] as number
  if (first === QUOTE) {
    const number = wholeNumber(bytes, start + 1, end - 1)
    return number < 0 ? idOfText(decodeText(bytes, start + 1, end - 1)) : number
  }
  if (first !== MINUS && (first < ZERO || first >= ARRAY_OPEN)) return undefined
  const number = wholeNumber(bytes, start, end)
  return number < 0 ? bytes.toString('latin1', start, end) : number
}

/** Digits may have been written as escapes. */
function idOfText(text: string): SubjectId {
  return WHOLE_NUMBER.test(text) ? Number(text) : text
}

/** The number that these digits write in the one way that String(number) does, or -1. */
function wholeNumber(bytes: Uint8Array, start: number, end: number): number {
  const digits = end - start
  if (digits < 1 || digits > DIGITS_MAX) return -1
  if (bytes[start] === ZERO) return digits === 1 ? 0 : -1
  let number = 0
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at] as number
    if (byte < ZERO || byte > NINE) return -1
    number = number * 10 + (byte - ZERO)
  }
  return number
}
