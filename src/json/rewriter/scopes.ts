/**
 * Counts exposures and joins them to data subjects. Every count is in exactly one place, so that the counts of all
 * subjects and `unscoped` add up to the counters of the document, those aside that are not joined to anybody.
 */
import type { Exposures } from '../program-source.ts'
import type { SubjectId } from './subject-id.ts'
import { Subjects } from './subjects.ts'

/** Stands for the place of a data subject where nobody can say whose data it is. */
const NOBODY = -1

/** A scope that is open: a place of a data subject whose id may stand anywhere in it. */
interface Frame {
  scope: number
  /** How deep its location lies; the root is 0. */
  depth: number
  /** Which one it was, in order of opening. */
  order: number
  id: SubjectId | undefined
  /** Two different ids were found: nobody can say whose data it is. */
  ambiguous: boolean
  readonly counters: number[]
  /** The counters that are not zero: the first `touchedCount` ones. */
  readonly touched: number[]
  touchedCount: number
}

/** The counters of one document. */
export class ScopeTracker {
  readonly #scopedCounters: number
  readonly #counters: number[]
  readonly #unscoped: number[]
  /** Frames are reused; the first `#open` ones are in use. */
  readonly #frames: Frame[] = []
  #open = 0
  #opened = 0
  readonly #subjects: Subjects
  #overflowed = false

  constructor(counterCount: number, scopeIdsMax: number, scopedCounters = counterCount) {
    this.#scopedCounters = scopedCounters
    this.#counters = zeros(counterCount)
    this.#unscoped = zeros(scopedCounters)
    this.#subjects = new Subjects(scopeIdsMax)
  }

  /** Begins with another document. */
  reset(): void {
    while (this.#open > 0) this.#closeInnermost()
    this.#opened = 0
    this.#forget()
  }

  /** A scope begins at a location of this depth. */
  open(scope: number, depth: number): void {
    let frame = this.#frames[this.#open]
    if (frame === undefined) {
      frame = newFrame(this.#scopedCounters)
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
    while (this.#open > 0 && (this.#frames[this.#open - 1] as Frame).depth >= depth) {
      this.#closeInnermost()
    }
  }

  /** The id of the scope that began at this depth. */
  found(scope: number, depth: number, id: SubjectId): void {
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
    if (counter >= this.#scopedCounters) return
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
    return this.#settled(this.#open === 0 ? this.#subjects : this.#subjects.copy())
  }

  /** The same, where open scopes are added to `subjects`. */
  #settled(subjects: Subjects): Exposures {
    const unscoped = this.#unscoped.slice()
    let overflowed = this.#overflowed
    for (let at = this.#open - 1; at >= 0; at -= 1) {
      if (!settle(this.#frames[at] as Frame, subjects, unscoped)) overflowed = true
    }
    return {
      counters: this.#counters.slice(),
      subjects: subjects.exposures(),
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
    const drained = this.#settled(this.#subjects)
    this.#forget()
    for (let at = 0; at < this.#open; at += 1) clear(this.#frames[at] as Frame)
    return drained
  }

  #forget(): void {
    this.#counters.fill(0)
    this.#unscoped.fill(0)
    this.#subjects.clear()
    this.#overflowed = false
  }

  #closeInnermost(): void {
    this.#open -= 1
    const frame = this.#frames[this.#open] as Frame
    if (!settle(frame, this.#subjects, this.#unscoped)) this.#overflowed = true
    clear(frame)
  }
}

/** Adds a frame's counts to its data subject, or to `unscoped`. False where there is one subject too many. */
function settle(frame: Frame, subjects: Subjects, unscoped: number[]): boolean {
  const { scope, id, order, counters, touched, touchedCount } = frame
  const isSubject = id !== undefined && !frame.ambiguous
  const known = isSubject ? subjects.find(scope, id) : NOBODY
  if (known >= 0) subjects.opened(known, order)
  const added = isSubject && known < 0 ? subjects.add(scope, id, order) : NOBODY
  for (let at = 0; at < touchedCount; at += 1) {
    const counter = touched[at] as number
    const by = counters[counter] as number
    if (added >= 0) subjects.first(added, counter, by)
    else if (known >= 0) subjects.tally(known, counter, by)
    else add(unscoped, counter, by)
  }
  return !isSubject || known >= 0 || added >= 0
}

/** Sets the frame's counters to zero. */
function clear(frame: Frame): void {
  for (let at = 0; at < frame.touchedCount; at += 1) {
    frame.counters[frame.touched[at] as number] = 0
  }
  frame.touchedCount = 0
}

function newFrame(counterCount: number): Frame {
  return {
    scope: 0,
    depth: 0,
    order: 0,
    id: undefined,
    ambiguous: false,
    counters: zeros(counterCount),
    touched: [],
    touchedCount: 0,
  }
}

function add(counters: number[], counter: number, by: number): void {
  counters[counter] = (counters[counter] as number) + by
}

function zeros(length: number): number[] {
  return Array.from({ length }, () => 0)
}
