/** What was found, in UTF-16 offsets of the source, and the rule for what overlaps. */
import type { Piece } from './view/text-view.ts'

export interface Span {
  readonly dataClass: string
  /** Name of the recognizer. */
  readonly recognizer: string
  /** From 0 to 1. */
  readonly confidence: number
  /** True where nothing of it may leave, whatever the operator of its class leaves. */
  readonly redact?: boolean
  /** The value without encodings and markup. */
  readonly text: string
  /** The source's characters that it stands for; more than one where markup lies between. In order, never empty. */
  readonly pieces: readonly Piece[]
}

/** Where a span begins in the source. */
export function startOf({ pieces }: Span): number {
  return pieces[0]?.start ?? 0
}

/** Where a span ends in the source. */
export function endOf({ pieces }: Span): number {
  return pieces.at(-1)?.end ?? 0
}

/** Which of two spans that overlap decides on the class; less than 0 for the first. */
export type Precedence = (a: Span, b: Span) => number

/** The most certain, of equals the longest, of equals the one whose recognizer stands first in `order`. */
export function byConfidence(order: readonly string[]): Precedence {
  return (a, b) =>
    b.confidence - a.confidence ||
    endOf(b) - startOf(b) - (endOf(a) - startOf(a)) ||
    order.indexOf(a.recognizer) - order.indexOf(b.recognizer)
}

/**
 * Spans that overlap become one over all that they cover, with the class, the recognizer and the confidence of the one that
 * `precedence` puts first. The result is in order and without overlaps. Takes n log n.
 */
export function mergeOverlaps(
  source: string,
  spans: readonly Span[],
  precedence: Precedence,
): readonly Span[] {
  const merged: Span[] = []
  let group: Span[] = []
  let end = 0
  for (const span of spans.toSorted((a, b) => startOf(a) - startOf(b))) {
    if (group.length > 0 && startOf(span) >= end) {
      merged.push(merge(source, group, precedence))
      group = []
      end = 0
    }
    group.push(span)
    end = Math.max(end, endOf(span))
  }
  if (group.length > 0) merged.push(merge(source, group, precedence))
  return merged
}

function merge(source: string, group: readonly Span[], precedence: Precedence): Span {
  const [first, ...others] = group
  if (first === undefined) throw new RangeError('a group holds a span')
  if (others.length === 0) return first
  const best = others.reduce(
    (winner, span) => (precedence(span, winner) < 0 ? span : winner),
    first,
  )
  const pieces = union(group.flatMap((span) => span.pieces))
  const same =
    pieces.length === best.pieces.length &&
    pieces.every(({ start, end }, index) => {
      const piece = best.pieces[index]
      return piece?.start === start && piece.end === end
    })
  if (same) return best
  const text = pieces.map((piece) => source.slice(piece.start, piece.end)).join('')
  return { ...best, pieces, text }
}

function union(pieces: readonly Piece[]): readonly Piece[] {
  const joined: { start: number; end: number }[] = []
  for (const { start, end } of pieces.toSorted((a, b) => a.start - b.start)) {
    const last = joined.at(-1)
    if (last !== undefined && start <= last.end) last.end = Math.max(last.end, end)
    else joined.push({ start, end })
  }
  return joined
}
