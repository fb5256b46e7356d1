/** Letters without case and accents, for words that are compared. */

const FOLDED_UNITS = 0x250
const LETTER_A = 0x61
const LETTER_Z = 0x7a

/** A letter that is none of a to z, whatever its accents: it belongs to a word, and no listed word has it. */
export const OTHER_LETTER = 27
/** Values of {@link LETTERS}. */
export const LETTER_VALUES = 28

const UNITS = 0x1_0000

/** By unit: 1 to 26 for a to z, {@link OTHER_LETTER} for other letters and all that is beyond Latin, 0 for what ends a word. */
export const LETTERS = new Uint8Array(UNITS)
LETTERS.fill(OTHER_LETTER, FOLDED_UNITS)
// Punctuation of all scripts: dashes, quotation marks, the separator of paragraphs.
LETTERS.fill(0, 0x2000, 0x2070)
for (let unit = 0; unit < FOLDED_UNITS; unit += 1) {
  const character = String.fromCharCode(unit)
  const base = character.normalize('NFD').charAt(0).toLowerCase().charCodeAt(0)
  if (base >= LETTER_A && base <= LETTER_Z) LETTERS[unit] = base - LETTER_A + 1
  else if (/\p{L}/u.test(character)) LETTERS[unit] = OTHER_LETTER
}
// NFD leaves these whole.
LETTERS[0xdf] = 's'.charCodeAt(0) - LETTER_A + 1
LETTERS[0xf8] = 'o'.charCodeAt(0) - LETTER_A + 1
LETTERS[0xd8] = 'o'.charCodeAt(0) - LETTER_A + 1
