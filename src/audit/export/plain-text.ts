/** Text for formats of one line: without what could end the line, or make a terminal do something. */

/** What a reader may take for the end of a line, and everything that is no visible text (Unicode category Cc). */
const CONTROL = /[\p{Cc}\u2028\u2029]/gu
const REPLACEMENT = '\ufffd'

/** The text with each control character, line separator and lone surrogate replaced by U+FFFD. */
export function plainText(text: string): string {
  return text.toWellFormed().replaceAll(CONTROL, REPLACEMENT)
}
