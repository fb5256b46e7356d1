/** Writes a draft out as a document, and tells of each of its values where it came from. */
import { strict as assert } from 'node:assert'
import type { Limits } from '../../json/limits.ts'
import { buildTape, type Tape } from '../../json/tape/tape.ts'
import type { Draft, Origin, Side, Tapes } from './draft.ts'

export interface AfterDocument {
  readonly tape: Tape
  /** Where the value at a node came from; undefined for a container that was put together. */
  readonly originOf: (node: number) => Origin | undefined
}

/** A range that was copied. */
interface Span {
  readonly at: number
  readonly end: number
  readonly side: Side
  /** Where the range begins in its source. */
  readonly from: number
}

/** Throws a JsonDepthError. */
export function afterDocument(draft: Draft, tapes: Tapes, limits: Limits): AfterDocument {
  const writer = new Writer(tapes)
  writer.write(draft)
  const bytes = Buffer.concat(writer.parts)
  const tape = buildTape(bytes, 0, bytes.length, limits)
  return { tape, originOf: (node) => originAt(writer.spans, tapes, tape.start[node] ?? 0) }
}

class Writer {
  readonly parts: Uint8Array[] = []
  readonly spans: Span[] = []
  readonly #tapes: Tapes
  #at = 0

  constructor(tapes: Tapes) {
    this.#tapes = tapes
  }

  write(draft: Draft): void {
    switch (draft.kind) {
      case 'copy':
        this.#copy(draft.origin)
        return
      case 'array':
        this.#text('[')
        for (const [index, item] of draft.items.entries()) {
          if (index > 0) this.#text(',')
          this.write(item)
        }
        this.#text(']')
        return
      default:
        this.#object(draft.members)
    }
  }

  #object(members: ReadonlyMap<string, Draft>): void {
    let lead = '{'
    for (const [name, member] of members) {
      this.#text(`${lead}${JSON.stringify(name)}:`)
      this.write(member)
      lead = ','
    }
    this.#text(members.size === 0 ? '{}' : '}')
  }

  #copy({ side, node }: Origin): void {
    const { bytes, start, end } = this.#tapes[side]
    const from = start[node] ?? 0
    const range = bytes.subarray(from, end[node])
    this.spans.push({ at: this.#at, end: this.#at + range.length, side, from })
    this.#push(range)
  }

  #text(text: string): void {
    this.#push(Buffer.from(text))
  }

  #push(bytes: Uint8Array): void {
    this.parts.push(bytes)
    this.#at += bytes.length
  }
}

function originAt(spans: readonly Span[], tapes: Tapes, at: number): Origin | undefined {
  const index = lastAtMost(spans.length, (one) => spans[one]?.at ?? 0, at)
  const span = spans[index]
  if (span === undefined || at >= span.end) return undefined
  const { start, count } = tapes[span.side]
  const position = span.from + at - span.at
  const node = lastAtMost(count, (one) => start[one] ?? 0, position)
  assert(start[node] === position, 'a value begins where it was copied from')
  return { side: span.side, node }
}

/** The last index whose value is at most `value`; values ascend. -1 where there is none. */
function lastAtMost(count: number, valueAt: (index: number) => number, value: number): number {
  let low = 0
  let high = count
  while (low < high) {
    const middle = (low + high) >>> 1
    if (valueAt(middle) <= value) low = middle + 1
    else high = middle
  }
  return low - 1
}
