/** Letters without case and accents, for words that are compared. */

const FOLDED_UNITS = 0x250
const LETTER_A = 0x61
const LETTER_Z = 0x7a

/** A letter that is none of a to z, whatever its accents: it belongs to a word, and no listed word has it. */
export const OTHER_LETTER = 27
/** Values of {@link letterOf}. */
export const LETTER_VALUES = 28

const table = new Uint8Array(FOLDED_UNITS)
for (let unit = 0; unit < FOLDED_UNITS; unit += 1) {
  const character = String.fromCharCode(unit)
  const base = character.normalize('NFD').charAt(0).toLowerCase().charCodeAt(0)
  if (base >= LETTER_A && base <= LETTER_Z) table[unit] = base - LETTER_A + 1
  else if (/\p{L}/u.test(character)) table[unit] = OTHER_LETTER
}
// NFD leaves these whole.
table[0xdf] = 's'.charCodeAt(0) - LETTER_A + 1
table[0xf8] = 'o'.charCodeAt(0) - LETTER_A + 1
table[0xd8] = 'o'.charCodeAt(0) - LETTER_A + 1

/** 1 to 26 for a to z, {@link OTHER_LETTER} for other letters and all that is beyond Latin, 0 for what ends a word. */
export function letterOf(unit: number): number {
  if (unit < FOLDED_UNITS) return table[unit] as number
  // Punctuation of all scripts stands from U+2000 on: dashes, quotation marks, the separator of paragraphs.
  return unit >= 0x2000 && unit <= 0x206f ? 0 : OTHER_LETTER
}
