/** Pseudonyms that people can say and remember: a syllable for each six bits. */

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const CONSONANTS = 'bdfghjklmnprstvz'
const VOWELS = 'aiou'

/** 4 + 4 + 3 syllables: 66 bits, so that even a billion pseudonyms hardly ever collide. */
const WORD_ENDS: ReadonlySet<number> = new Set([4, 8])
const SYLLABLES = 11

/** Three words from the first 66 bits of base64url text of at least 11 characters, `bakodumi-tasuvopi-galino`. */
export function readableWords(base64url: string): string {
  let words = ''
  for (let at = 0; at < SYLLABLES; at += 1) {
    const value = DIGITS.indexOf(base64url.charAt(at))
    if (WORD_ENDS.has(at)) words += '-'
    words += CONSONANTS.charAt(value >> 2) + VOWELS.charAt(value & 3)
  }
  return words
}
