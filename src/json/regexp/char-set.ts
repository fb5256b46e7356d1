/** Sets of code points: ranges and Unicode general categories. */

/** One part of a set. A category's `name` is that of Unicode, such as `Lu`. */
export type CharSetPart =
  | { readonly kind: 'range'; readonly from: number; readonly to: number }
  | { readonly kind: 'category'; readonly name: string; readonly negated: boolean }

/** The code points of any of the parts; with `negated`, all others. */
export interface CharSet {
  readonly parts: readonly CharSetPart[]
  readonly negated: boolean
}

/** What `.` means (RFC 9485 4): anything but the ends of lines. */
export const ANY_BUT_LINE_ENDS: CharSet = {
  parts: [
    { kind: 'range', from: 0x0a, to: 0x0a },
    { kind: 'range', from: 0x0d, to: 0x0d },
  ],
  negated: true,
}

/** The names that `\p{...}` takes (RFC 9485 3, IsCategory). */
const CATEGORY = /^(?:L[lmotu]?|M[cen]?|N[dlo]?|P[cdefios]?|Z[lps]?|S[ckmo]?|C[cfno]?)$/

/** Code points whose category is remembered: the basic plane. */
const REMEMBERED = 0x1_0000
const UNKNOWN = 0
const INSIDE = 1
const OUTSIDE = 2

interface Category {
  readonly pattern: RegExp
  readonly remembered: Uint8Array
}

/** At most one entry for each of the 37 category names. */
const categories = new Map<string, Category>()

export function isCategoryName(name: string): boolean {
  return CATEGORY.test(name)
}

/** True where the set has this code point. */
export function hasCodePoint(set: CharSet, codePoint: number): boolean {
  for (const part of set.parts) {
    const inside =
      part.kind === 'range'
        ? codePoint >= part.from && codePoint <= part.to
        : inCategory(part.name, codePoint) !== part.negated
    if (inside) return !set.negated
  }
  return set.negated
}

function inCategory(name: string, codePoint: number): boolean {
  const category = categoryOf(name)
  if (codePoint >= REMEMBERED) return category.pattern.test(String.fromCodePoint(codePoint))
  let state = category.remembered[codePoint] ?? UNKNOWN
  if (state === UNKNOWN) {
    state = category.pattern.test(String.fromCodePoint(codePoint)) ? INSIDE : OUTSIDE
    category.remembered[codePoint] = state
  }
  return state === INSIDE
}

function categoryOf(name: string): Category {
  let category = categories.get(name)
  if (category === undefined) {
    category = {
      pattern: new RegExp(`^\\p{${name}}$`, 'u'),
      remembered: new Uint8Array(REMEMBERED),
    }
    categories.set(name, category)
  }
  return category
}
