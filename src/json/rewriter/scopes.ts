/**
 * Counts exposures and joins them to data subjects. Every count is in exactly one place, so that the counts of all
 * subjects and `unscoped` add up to the counters of the document.
 */
import type { Exposures, ScopeExposure } from '../program-source.ts'

/** A scope that is open: a place of a data subject whose id may stand anywhere in it. */
interface Frame {
  scope: number
  /** How deep its location lies; the root is 0. */
  depth: number
  /** Which one it was, in order of opening. */
  order: number
  id: string | undefined
  /** Two different ids were found: nobody can say whose data it is. */
  ambiguous: boolean
  readonly counters: number[]
}

interface Subject {
  readonly scope: number
  readonly id: string
  order: number
  readonly counters: number[]
}

/** The counters of one document. */
export class ScopeTracker {
  readonly #idsMax: number
  readonly #counters: number[]
  readonly #unscoped: number[]
  /** Frames are reused; the first `#open` ones are in use. */
  readonly #frames: Frame[] = []
  #open = 0
  #opened = 0
  #subjects: Map<string, Subject> | undefined
  #overflowed = false

  constructor(counterCount: number, scopeIdsMax: number) {
    this.#idsMax = scopeIdsMax
    this.#counters = zeros(counterCount)
    this.#unscoped = zeros(counterCount)
  }

  /** A scope begins at a location of this depth. */
  open(scope: number, depth: number): void {
    let frame = this.#frames[this.#open]
    if (frame === undefined) {
      const counters = zeros(this.#counters.length)
      frame = { scope, depth, order: 0, id: undefined, ambiguous: false, counters }
      this.#frames.push(frame)
    } else {
      frame.scope = scope
      frame.depth = depth
      frame.id = undefined
      frame.ambiguous = false
      frame.counters.fill(0)
    }
    frame.order = this.#opened
    this.#opened += 1
    this.#open += 1
  }

  /** The location of this depth ends, and all scopes that began there. */
  close(depth: number): void {
    while (this.#open > 0 && (this.#frames[this.#open - 1] as Frame).depth >= depth) {
      this.#open -= 1
      const frame = this.#frames[this.#open] as Frame
      this.#subjects ??= new Map()
      if (!settle(frame, this.#subjects, this.#unscoped, this.#idsMax)) this.#overflowed = true
    }
  }

  /** The id of the scope that began at this depth. */
  found(scope: number, depth: number, id: string): void {
    for (let at = this.#open - 1; at >= 0; at -= 1) {
      const frame = this.#frames[at] as Frame
      if (frame.depth < depth) return
      if (frame.depth !== depth || frame.scope !== scope) continue
      if (frame.id !== undefined && frame.id !== id) frame.ambiguous = true
      frame.id = id
    }
  }

  /** Adds to a counter, in the innermost open scope. */
  count(counter: number, by: number): void {
    add(this.#counters, counter, by)
    const frame = this.#open > 0 ? this.#frames[this.#open - 1] : undefined
    add(frame === undefined ? this.#unscoped : frame.counters, counter, by)
  }

  /** What was counted so far. Scopes that are open are settled with what is known of them. */
  exposures(): Exposures {
    const subjects = new Map<string, Subject>()
    for (const [key, subject] of this.#subjects ?? []) {
      subjects.set(key, { ...subject, counters: [...subject.counters] })
    }
    const unscoped = [...this.#unscoped]
    let overflowed = this.#overflowed
    for (const frame of this.#frames.slice(0, this.#open)) {
      if (!settle(frame, subjects, unscoped, this.#idsMax)) overflowed = true
    }
    return {
      counters: [...this.#counters],
      subjects: [...subjects.values()]
        .sort((a, b) => a.order - b.order)
        .map(({ scope, id, counters }): ScopeExposure => ({ scope, id, counters })),
      unscoped,
      scopesOverflowed: overflowed,
    }
  }
}

/** Adds a frame's counts to its data subject, or to `unscoped`. False where there is one subject too many. */
function settle(
  frame: Frame,
  subjects: Map<string, Subject>,
  unscoped: number[],
  idsMax: number,
): boolean {
  const { scope, id, order } = frame
  let into = unscoped
  let fits = true
  if (id !== undefined && !frame.ambiguous) {
    const key = `${scope}:${id}`
    let subject = subjects.get(key)
    fits = subject !== undefined || subjects.size < idsMax
    if (subject === undefined && fits) {
      subject = { scope, id, order, counters: zeros(frame.counters.length) }
      subjects.set(key, subject)
    }
    if (subject !== undefined) {
      subject.order = Math.min(subject.order, order)
      into = subject.counters
    }
  }
  for (const [counter, by] of frame.counters.entries()) if (by !== 0) add(into, counter, by)
  return fits
}

function add(counters: number[], counter: number, by: number): void {
  counters[counter] = (counters[counter] as number) + by
}

function zeros(length: number): number[] {
  return Array.from({ length }, () => 0)
}
