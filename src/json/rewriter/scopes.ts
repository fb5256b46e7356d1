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
  /** The counters that are not zero: the first `touchedCount` ones. */
  readonly touched: number[]
  touchedCount: number
}

interface Subject {
  readonly scope: number
  readonly id: string
  order: number
  readonly counters: number[]
}

/** The subjects of a document: for each scope, by id. */
interface Subjects {
  readonly byScope: Map<string, Subject>[]
  count: number
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
  readonly #subjects: Subjects = { byScope: [], count: 0 }
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
      frame = {
        scope,
        depth,
        order: 0,
        id: undefined,
        ambiguous: false,
        counters,
        touched: [],
        touchedCount: 0,
      }
      this.#frames.push(frame)
    }
    frame.scope = scope
    frame.depth = depth
    frame.order = this.#opened
    frame.id = undefined
    frame.ambiguous = false
    this.#opened += 1
    this.#open += 1
  }

  /** The location of this depth ends, and all scopes that began there. */
  close(depth: number): void {
    while (this.#open > 0) {
      const frame = this.#frames[this.#open - 1] as Frame
      if (frame.depth < depth) return
      this.#open -= 1
      if (!settle(frame, this.#subjects, this.#unscoped, this.#idsMax)) this.#overflowed = true
      for (let at = 0; at < frame.touchedCount; at += 1) {
        frame.counters[frame.touched[at] as number] = 0
      }
      frame.touchedCount = 0
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
    if (by === 0) return
    add(this.#counters, counter, by)
    if (this.#open === 0) {
      add(this.#unscoped, counter, by)
      return
    }
    const frame = this.#frames[this.#open - 1] as Frame
    if (frame.counters[counter] === 0) {
      frame.touched[frame.touchedCount] = counter
      frame.touchedCount += 1
    }
    add(frame.counters, counter, by)
  }

  /** What was counted so far. Scopes that are open are settled with what is known of them. */
  exposures(): Exposures {
    const subjects = this.#open === 0 ? this.#subjects : copyOf(this.#subjects)
    const unscoped = [...this.#unscoped]
    let overflowed = this.#overflowed
    for (let at = this.#open - 1; at >= 0; at -= 1) {
      const frame = this.#frames[at] as Frame
      if (!settle(frame, subjects, unscoped, this.#idsMax)) overflowed = true
    }
    return {
      counters: [...this.#counters],
      subjects: inOrder(subjects),
      unscoped,
      scopesOverflowed: overflowed,
    }
  }

  /** Subjects whose scopes have ended since the last drain. */
  get subjectCount(): number {
    return this.#subjects.count
  }

  /** What was counted since the last drain, which is forgotten then. Scopes that are open stay open. */
  drain(): Exposures {
    const drained = this.exposures()
    this.#counters.fill(0)
    this.#unscoped.fill(0)
    this.#subjects.byScope.length = 0
    this.#subjects.count = 0
    this.#overflowed = false
    for (let at = 0; at < this.#open; at += 1) {
      const frame = this.#frames[at] as Frame
      for (let at = 0; at < frame.touchedCount; at += 1) {
        frame.counters[frame.touched[at] as number] = 0
      }
      frame.touchedCount = 0
    }
    return drained
  }
}

/** Adds a frame's counts to its data subject, or to `unscoped`. False where there is one subject too many. */
function settle(frame: Frame, subjects: Subjects, unscoped: number[], idsMax: number): boolean {
  const subject =
    frame.id === undefined || frame.ambiguous
      ? undefined
      : subjectOf(frame, frame.id, subjects, idsMax)
  const into = subject?.counters ?? unscoped
  for (let at = 0; at < frame.touchedCount; at += 1) {
    const counter = frame.touched[at] as number
    add(into, counter, frame.counters[counter] as number)
  }
  return subject !== undefined || frame.id === undefined || frame.ambiguous
}

/** The subject with this id, made if there may be one more. */
function subjectOf(
  frame: Frame,
  id: string,
  subjects: Subjects,
  idsMax: number,
): Subject | undefined {
  const { scope, order } = frame
  let byId = subjects.byScope[scope]
  if (byId === undefined) {
    while (subjects.byScope.length <= scope) subjects.byScope.push(new Map())
    byId = subjects.byScope[scope] as Map<string, Subject>
  }
  let subject = byId.get(id)
  if (subject === undefined) {
    if (subjects.count >= idsMax) return undefined
    subject = { scope, id, order, counters: zeros(frame.counters.length) }
    byId.set(id, subject)
    subjects.count += 1
  } else if (order < subject.order) subject.order = order
  return subject
}

function copyOf(subjects: Subjects): Subjects {
  const byScope = subjects.byScope.map(
    (byId) =>
      new Map(
        Array.from(byId, ([id, one]) => [id, { ...one, counters: [...one.counters] }] as const),
      ),
  )
  return { byScope, count: subjects.count }
}

/** As the contract has it: in order of first appearance, with arrays that do not change later. */
function inOrder(subjects: Subjects): readonly ScopeExposure[] {
  const all = subjects.byScope.flatMap((byId) => [...byId.values()])
  return all
    .sort((a, b) => a.order - b.order)
    .map(({ scope, id, counters }) => ({ scope, id, counters: counters.slice() }))
}

function add(counters: number[], counter: number, by: number): void {
  counters[counter] = (counters[counter] as number) + by
}

function zeros(length: number): number[] {
  return Array<number>(length).fill(0)
}
