/** Characters as a dictionary compares them: without case, accents and width. */
import { LETTERS, OTHER_LETTER } from '../context/letters.ts'

const LETTER_A = 0x61
const ZERO = 0x30
const NINE = 0x39
const UNITS = 0x1_0000

const WORD = /^[\p{L}\p{N}]$/u
const MARK = /^\p{M}$/u
/** Scripts that write words without blanks between them. */
const UNSPACED = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]$/u

/** What {@link folded} answers for what separates words. */
export const SEPARATOR = 0
/** What it answers for what belongs to the character before. */
export const COMBINING = 1

const NOT_KNOWN = 0xffff
const known = new Uint16Array(UNITS).fill(NOT_KNOWN)
const unspaced = new Uint8Array(UNITS)

/** The character that a UTF-16 unit counts as; {@link SEPARATOR} or {@link COMBINING} for what is none. */
export function folded(unit: number): number {
  const found = known[unit] as number
  return found === NOT_KNOWN ? learn(unit) : found
}

/** True where a word may begin and end at any character. */
export function isUnspaced(unit: number): boolean {
  folded(unit)
  return unspaced[unit] === 1
}

export function isFoldedDigit(code: number): boolean {
  return code >= ZERO && code <= NINE
}

function learn(unit: number): number {
  const code = computed(unit)
  known[unit] = code
  return code
}

// Characters beyond the basic plane separate: neither names nor numbers are written in them.
function computed(unit: number): number {
  const letter = LETTERS[unit] as number
  if (letter > 0 && letter < OTHER_LETTER) return LETTER_A + letter - 1
  const character = String.fromCharCode(unit)
  if (MARK.test(character)) return COMBINING
  if (!WORD.test(character)) return SEPARATOR
  if (UNSPACED.test(character)) unspaced[unit] = 1
  const plain = character.normalize('NFKD').charAt(0).toLowerCase()
  return plain.charCodeAt(0)
}
