/**
 * Text as recognizers read it, and where each part of it stands in the source: encodings are undone in the view, and what is
 * found there is replaced in the source.
 */

/** A range of the source, UTF-16 offsets, the end not included. */
export interface Piece {
  readonly start: number
  readonly end: number
}

export interface TextView {
  readonly text: string
  /**
   * The parts of the source that `[start, end)` of the view stands for, in order. What lies between two of them is markup that
   * stays when a span is replaced; what else was left out of the view belongs to the pieces around it.
   */
  readonly pieces: (start: number, end: number) => readonly Piece[]
}

/** The source itself. */
export function plainView(source: string): TextView {
  return { text: source, pieces: (start, end) => [{ start, end }] }
}

/** Where a part begins in the view, where it stands in the text below, and how. */
const AT = 0
const FROM = 1
const TO = 2
const FLAGS = 3
const FIELDS = 4
/** The same text below, character by character. */
const SAME = 1
/** Markup that stays lies before it. */
const BEHIND_MARKUP = 2

const PARTS_AT_FIRST = 64

/** What a view shows of the text below it, part by part, in order. */
export class ViewBuilder {
  readonly #below: TextView
  /** The text, in parts: joined once, since what is put together by `+` is read slowly. */
  readonly #texts: string[] = []
  #length = 0
  #parts = new Int32Array(PARTS_AT_FIRST * FIELDS)
  #count = 0
  #markup = false

  constructor(below: TextView) {
    this.#below = below
  }

  /** Shows `[from, to)` as it is. */
  keep(from: number, to: number): void {
    if (from >= to) return
    this.#part(from, to, true)
    this.#texts.push(this.#below.text.slice(from, to))
    this.#length += to - from
  }

  /** Shows `text` for `[from, to)`. */
  put(text: string, from: number, to: number): void {
    if (text === '') return
    this.#part(from, to, text.length === 1 && to - from === 1)
    this.#texts.push(text)
    this.#length += text.length
  }

  /** Markup lies here: it stays, and a replaced span that reaches over it is replaced around it. Shows `text` in its place. */
  markup(text: string, at: number): void {
    this.put(text, at, at)
    this.#markup = true
  }

  build(): TextView {
    const below = this.#below
    return {
      text: this.#texts.join(''),
      pieces: (start, end) => {
        const pieces: Piece[] = []
        for (const range of this.#ranges(start, end)) {
          for (const piece of below.pieces(range.start, range.end)) {
            if (piece.end > piece.start) pieces.push(piece)
          }
        }
        return pieces
      },
    }
  }

  #part(from: number, to: number, same: boolean): void {
    let parts = this.#parts
    const last = (this.#count - 1) * FIELDS
    // Parts that go on where the last one ended are one part.
    if (
      same &&
      !this.#markup &&
      last >= 0 &&
      ((parts[last + FLAGS] as number) & SAME) !== 0 &&
      parts[last + TO] === from
    ) {
      parts[last + TO] = to
      return
    }
    const at = this.#count * FIELDS
    if (at === parts.length) {
      parts = new Int32Array(at * 2)
      parts.set(this.#parts)
      this.#parts = parts
    }
    parts[at + AT] = this.#length
    parts[at + FROM] = from
    parts[at + TO] = to
    parts[at + FLAGS] = (same ? SAME : 0) | (this.#markup ? BEHIND_MARKUP : 0)
    this.#count += 1
    this.#markup = false
  }

  #ranges(start: number, end: number): Piece[] {
    const ranges: { start: number; end: number }[] = []
    const parts = this.#parts
    for (let part = this.#partAt(start); part < this.#count; part += 1) {
      const fields = part * FIELDS
      const at = parts[fields + AT] as number
      if (at >= end) break
      const from = parts[fields + FROM] as number
      const to = parts[fields + TO] as number
      const flags = parts[fields + FLAGS] as number
      const same = (flags & SAME) !== 0
      const range = {
        start: same ? from + Math.max(start - at, 0) : from,
        end: same ? Math.min(from + (end - at), to) : to,
      }
      const last = ranges[ranges.length - 1]
      if (last === undefined || (flags & BEHIND_MARKUP) !== 0) ranges.push(range)
      else last.end = range.end
    }
    return ranges
  }

  /** The last part that begins at or before the position. */
  #partAt(position: number): number {
    let [low, high] = [0, this.#count - 1]
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((this.#parts[middle * FIELDS + AT] as number) <= position) low = middle
      else high = middle - 1
    }
    return low
  }
}
