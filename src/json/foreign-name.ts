/**
 * Tells member names that data was used for (an address, a number, words of a person) from those that are words of a schema. It
 * errs on the side of data; a name like `jane.doe` cannot be told from a word.
 */

const LENGTH_MAX = 64
/** What words of schemas are made of, `@type` and `#text` among them. */
const WORD = /^@?[A-Za-z0-9_.:$#-]*$/
/** A part of a telephone number, a card, an id. */
const DIGITS = /[0-9]{5}/

/** See the file. The scanner decides by the same rule. */
export function isForeignName(name: string): boolean {
  return name.length > LENGTH_MAX || !WORD.test(name) || DIGITS.test(name)
}
