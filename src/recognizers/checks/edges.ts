/** What stands beside a candidate: a number in the middle of something longer is none of its own. */

const ZERO = 0x30
const NINE = 0x39
const UNDERSCORE = 0x5f

/** True for ASCII letters and digits, `_`, and letters of other scripts. */
export function isWordUnit(unit: number): boolean {
  if (unit < 0x80) {
    return (
      (unit >= ZERO && unit <= NINE) ||
      (unit >= 0x41 && unit <= 0x5a) ||
      (unit >= 0x61 && unit <= 0x7a) ||
      unit === UNDERSCORE
    )
  }
  // Of Latin-1 the letters; beyond it nearly everything that is no punctuation is one.
  if (unit < 0x100) return unit >= 0xc0 && unit !== 0xd7 && unit !== 0xf7
  return unit < 0x2000 || unit > 0x206f
}

/** The same without digits and `_`. */
export function isLetterUnit(unit: number): boolean {
  return isWordUnit(unit) && unit !== UNDERSCORE && !(unit >= ZERO && unit <= NINE)
}

/** True where no word goes on before `start`. */
export function startsWord(text: string, start: number): boolean {
  return start === 0 || !isWordUnit(text.charCodeAt(start - 1))
}

/** True where no word goes on at `end`. */
export function endsWord(text: string, end: number): boolean {
  return end >= text.length || !isWordUnit(text.charCodeAt(end))
}

/** A set of ASCII signs. */
export type Signs = Uint8Array

/** The set of these characters. */
export function signsOf(signs: string): Signs {
  const set = new Uint8Array(128)
  for (const sign of signs) set[sign.charCodeAt(0)] = 1
  return set
}

/** True where one of the signs stands at the place. */
export function isSign(text: string, at: number, signs: Signs): boolean {
  const unit = text.charCodeAt(at)
  return unit < 128 && signs[unit] === 1
}

/** The signs that tie numbers to what they are a part of: `INV-2026`, `a/12`, `1.2`. */
export const TIES = signsOf('-./')
/** The same behind a number, where a full stop ends a sentence more often. */
export const TIES_BEHIND = signsOf('-/')

/** True where one of the signs ties `start` to a word before it. */
export function isTiedBefore(text: string, start: number, signs: Signs = TIES): boolean {
  return start >= 2 && isSign(text, start - 1, signs) && isWordUnit(text.charCodeAt(start - 2))
}

/** True where one of the signs ties `end` to a word behind it. */
export function isTiedBehind(text: string, end: number, signs: Signs = TIES_BEHIND): boolean {
  if (end + 1 >= text.length || !isSign(text, end, signs)) return false
  return isWordUnit(text.charCodeAt(end + 1))
}
