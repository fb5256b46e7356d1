/** What keepFirst, keepLast and keepBoth share: a few graphemes at the ends stay, the middle becomes `***`. */
import type { OperatorInstance } from '../../operator.ts'
import { graphemesOf, visibleCount } from './graphemes.ts'
import { MARK } from './marks.ts'
import { textOperator } from './text-operator.ts'

/** Fewer visible graphemes than these cannot be hidden: who sees the rest could guess them. */
const HIDDEN_MIN = 4

/** JSON Schema of a number of graphemes to keep. */
export const KEPT_COUNT = { type: 'integer', minimum: 1, maximum: 32 } as const

/** Keeps `first` graphemes at the start and `last` at the end. A value that is too short is hidden whole, as `***`. */
export function keepEnds(name: string, id: string, first: number, last: number): OperatorInstance {
  return textOperator({ name, id, hidden: MARK, mask: (text) => keptEnds(text, first, last) })
}

function keptEnds(text: string, first: number, last: number): string | undefined {
  const graphemes = graphemesOf(text)
  const lastAt = graphemes.length - last
  const hidden = graphemes.slice(first, Math.max(first, lastAt))
  // The hidden part is the mark itself: the value is masked already, and stays.
  if (hidden.length === MARK.length && hidden.join('') === MARK) return text
  if (visibleCount(hidden) < HIDDEN_MIN) return undefined
  const kept = graphemes.slice(0, first).join('') + MARK + graphemes.slice(lastAt).join('')
  // A grapheme that grows together with the mark would be another one on the next pass, and to the reader.
  return graphemesOf(kept).length === first + MARK.length + last ? kept : undefined
}
