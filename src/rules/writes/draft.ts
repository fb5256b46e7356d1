/**
 * The record as it would stand after a write, put together from parts of the record read afresh and of the request. Each
 * part remembers where it comes from, so that it can be told what became of every value.
 */
import { childrenOf, isContainer, memberNameOf } from '../../json/tape/children.ts'
import { KIND_OBJECT, type Tape } from '../../json/tape/tape.ts'

/** The record read afresh, or the request. */
export type Side = 'record' | 'request'

/** A value where it stands. */
export interface Origin {
  readonly side: Side
  readonly node: number
}

/** Objects and arrays are opened only where something in them changes. */
export type Draft = Copy | DraftObject | DraftArray

/** A whole value, as it stands. */
export interface Copy {
  readonly kind: 'copy'
  readonly origin: Origin
}

export interface DraftObject {
  readonly kind: 'object'
  /** What it was before it was opened; undefined: made anew. */
  readonly origin: Origin | undefined
  readonly members: Map<string, Draft>
}

export interface DraftArray {
  readonly kind: 'array'
  readonly origin: Origin | undefined
  readonly items: Draft[]
}

export type Tapes = Readonly<Record<Side, Tape>>

export function copyOf(side: Side, node: number): Copy {
  return { kind: 'copy', origin: { side, node } }
}

/** The draft with its children apart; undefined where it is a leaf. */
export function opened(draft: Draft, tapes: Tapes): DraftObject | DraftArray | undefined {
  if (draft.kind !== 'copy') return draft
  const { side, node } = draft.origin
  const tape = tapes[side]
  if (!isContainer(tape, node)) return undefined
  const { origin } = draft
  if (tape.kind[node] !== KIND_OBJECT) {
    const items = Array.from(childrenOf(tape, node), (child) => copyOf(side, child))
    return { kind: 'array', origin, items }
  }
  const members = new Map<string, Draft>()
  for (const child of childrenOf(tape, node)) {
    members.set(memberNameOf(tape, child), copyOf(side, child))
  }
  return { kind: 'object', origin, members }
}

/** Bytes that the draft takes at least when it is written. */
export function draftBytes(draft: Draft, tapes: Tapes): number {
  switch (draft.kind) {
    case 'copy': {
      const { start, end } = tapes[draft.origin.side]
      return (end[draft.origin.node] ?? 0) - (start[draft.origin.node] ?? 0)
    }
    case 'array':
      return draft.items.reduce((sum, item) => sum + 1 + draftBytes(item, tapes), 2)
    default: {
      let sum = 2
      for (const [name, member] of draft.members) {
        sum += name.length + NAME_BYTES + draftBytes(member, tapes)
      }
      return sum
    }
  }
}

/** Quotes, colon and comma. */
const NAME_BYTES = 4

/** One of its own: what is opened in one is not in the other. */
export function cloned(draft: Draft): Draft {
  switch (draft.kind) {
    case 'copy':
      return { ...draft }
    case 'array':
      return { ...draft, items: draft.items.map(cloned) }
    default: {
      const members = new Map<string, Draft>()
      for (const [name, member] of draft.members) members.set(name, cloned(member))
      return { ...draft, members }
    }
  }
}
