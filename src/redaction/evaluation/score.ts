/** How well recognizers do on labelled texts: precision, recall, and how far chance may have helped. */

/** UTF-16 offsets, the end not included. */
export interface LabelledSpan {
  readonly kind: string
  readonly start: number
  readonly end: number
}

/** Counts of one kind. */
export interface Score {
  readonly kind: string
  /** Labelled values. */
  readonly labelled: number
  /** Of them, those of which nothing was left in clear. */
  readonly covered: number
  /** Spans found. */
  readonly found: number
  /** Of them, those that are a labelled value and hardly anything else. */
  readonly right: number
}

/** Letters and digits that a span may have more than the label that it covers: an extension, a country code. */
const EXCESS_MAX = 3

/** z of a one-sided 95 % bound. */
const Z = 1.645

/** Adds up scores over texts. */
export class ScoreBoard {
  readonly #counts = new Map<
    string,
    { labelled: number; covered: number; found: number; right: number }
  >()

  /** One text with its labels and what was found in it, of all kinds. */
  add(text: string, labels: readonly LabelledSpan[], found: readonly LabelledSpan[]): void {
    for (const label of labels) {
      const of = this.#of(label.kind)
      of.labelled += 1
      if (found.some((span) => span.kind === label.kind && covers(text, span, label)))
        of.covered += 1
    }
    for (const span of found) {
      const of = this.#of(span.kind)
      of.found += 1
      const label = labels.find(
        ({ kind, start, end }) => kind === span.kind && start < span.end && end > span.start,
      )
      if (label !== undefined && excess(text, span, label) <= EXCESS_MAX) of.right += 1
    }
  }

  /** The scores, by kind. */
  scores(): readonly Score[] {
    return [...this.#counts]
      .map(([kind, counts]) => ({ kind, ...counts }))
      .toSorted((a, b) => a.kind.localeCompare(b.kind))
  }

  #of(kind: string): { labelled: number; covered: number; found: number; right: number } {
    const known = this.#counts.get(kind)
    if (known !== undefined) return known
    const counts = { labelled: 0, covered: 0, found: 0, right: 0 }
    this.#counts.set(kind, counts)
    return counts
  }
}

/** Of the spans found, the part that is right; NaN where none was found. */
export function precisionOf({ right, found }: Score): number {
  return right / found
}

/** Of the labelled values, the part that was covered whole; NaN where there is none. */
export function recallOf({ covered, labelled }: Score): number {
  return covered / labelled
}

/** The lower end of Wilson's interval: with 95 % confidence the true rate is not below it. */
export function lowerBound(successes: number, trials: number): number {
  if (trials === 0) return 0
  const rate = successes / trials
  const z2 = (Z * Z) / trials
  const spread = Z * Math.sqrt((rate * (1 - rate)) / trials + z2 / (4 * trials))
  return Math.max(0, (rate + z2 / 2 - spread) / (1 + z2))
}

/** True where every letter and digit of the label is in the span. */
function covers(text: string, span: LabelledSpan, label: LabelledSpan): boolean {
  return (
    wordCount(text, label.start, Math.min(label.end, span.start)) === 0 &&
    wordCount(text, Math.max(label.start, span.end), label.end) === 0
  )
}

/** Letters and digits of the span that are not in the label. */
function excess(text: string, span: LabelledSpan, label: LabelledSpan): number {
  return (
    wordCount(text, span.start, Math.min(span.end, label.start)) +
    wordCount(text, Math.max(span.start, label.end), span.end)
  )
}

function wordCount(text: string, start: number, end: number): number {
  return start >= end ? 0 : text.slice(start, end).replaceAll(/[^\p{L}\p{N}]/gu, '').length
}
