/** Finds the digits of a number that people write with separators, and puts others in their places. */
import { TOKEN_DIGITS_MAX, TOKEN_DIGITS_MIN } from '../../tokenizer.ts'

/** Longest value, in UTF-16 code units: all digits that a token may have, with separators between them. */
export const NUMBER_UNITS_MAX = 128

/** A country, a check letter, a short prefix. With more letters the value says more than its number does. */
const LETTERS_MAX = 4

// Digits of other scripts are not in here: they would stay in clear.
const NUMBER = /^[0-9A-Za-z \u00a0\u202f\u2010\u2011\u2013\-./,:_#+()]*$/
const LETTER = /[A-Za-z]/g
const DIGIT = /[0-9]/g

/** Given the digits to replace and those that stay behind them; answers as many digits as the former. */
export type ChangeDigits = (digits: string, kept: string) => string

/**
 * The text with all but the last `keepLast` of its digits changed; what stands between them stays. Undefined where the text is no
 * number with separators and at most four letters, or has too few or too many digits to be changed.
 */
export function replaceDigits(
  text: string,
  keepLast: number,
  change: ChangeDigits,
): string | undefined {
  if (text.length > NUMBER_UNITS_MAX || !NUMBER.test(text)) return undefined
  if ((text.match(LETTER)?.length ?? 0) > LETTERS_MAX) return undefined
  const all = text.match(DIGIT)?.join('') ?? ''
  const changing = all.length - keepLast
  if (changing < TOKEN_DIGITS_MIN || changing > TOKEN_DIGITS_MAX) return undefined
  const kept = all.slice(changing)
  const written = change(all.slice(0, changing), kept) + kept
  let at = 0
  return text.replace(DIGIT, () => written.charAt(at++))
}
