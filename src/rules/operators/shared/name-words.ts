/** The words of a person's name, for the operators that keep initials. */
import { firstGrapheme, graphemesOf } from './graphemes.ts'

/** Fewer graphemes than these cannot be hidden: one-character names would leave whole (`王 明`). */
const HIDDEN_MIN = 2

const STARTS_WITH_LETTER = /^\p{L}/u
const BLANKS = /\s+/u

/** The words that start with a letter; digits, brackets and the like are never kept. */
export function nameWords(text: string): readonly string[] {
  return text.split(BLANKS).filter((word) => STARTS_WITH_LETTER.test(word))
}

/** `Jane` to `J.`. */
export function initialOf(word: string): string {
  return `${firstGrapheme(word)}.`
}

/** True for what {@link initialOf} makes. */
export function isInitial(word: string): boolean {
  return word.endsWith('.') && graphemesOf(word).length === 2
}

/**
 * True where writing these words as initials hides so much that the name is not all there, and each first grapheme stays one
 * (some letters of Indic scripts grow together with the full stop).
 */
export function canAbbreviate(words: readonly string[]): boolean {
  if (!words.every((word) => isInitial(initialOf(word)))) return false
  return words.reduce((sum, word) => sum + graphemesOf(word).length - 1, 0) >= HIDDEN_MIN
}
