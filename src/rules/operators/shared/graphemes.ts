/** Text as readers see it: user-perceived characters (UAX #29), so that no mask cuts through one. */

const segmenter = new Intl.Segmenter('und', { granularity: 'grapheme' })

// Latin, Greek, Cyrillic, kana, Han, Hangul syllables: nothing in here joins its neighbour, so each code unit is a grapheme, and the
// segmenter, some fifty times as slow, is not asked. Combining marks, jamo, joiners, surrogates and controls are not in here.
const ALONE =
  '\\x20-\\x7e\\u00a1-\\u00ac\\u00ae-\\u02ff\\u0370-\\u0482\\u048a-\\u052f\\u3041-\\u3096\\u30a1-\\u30fa\\u4e00-\\u9fff\\uac00-\\ud7a3'
const ALL_ALONE = new RegExp(`^[${ALONE}]*$`)
const FIRST_ALONE = new RegExp(`^[${ALONE}](?:[${ALONE}]|$)`)

const VISIBLE = /[\p{L}\p{N}\p{P}\p{S}]/u

/** All graphemes. Takes time in proportion to the text; callers bound its length. */
export function graphemesOf(text: string): readonly string[] {
  if (ALL_ALONE.test(text)) return text.split('')
  return Array.from(segmenter.segment(text), (part) => part.segment)
}

/** The first grapheme; empty where the text is. */
export function firstGrapheme(text: string): string {
  if (FIRST_ALONE.test(text)) return text.charAt(0)
  for (const part of segmenter.segment(text)) return part.segment
  return ''
}

/** How many graphemes have something to see: padding (blanks, zero-width characters) is nothing that could be hidden. */
export function visibleCount(graphemes: readonly string[]): number {
  return graphemes.reduce((count, grapheme) => count + (VISIBLE.test(grapheme) ? 1 : 0), 0)
}
