/**
 * The data subjects of a document with what was counted for each, in columns: thousands of small objects are work for the
 * collector of garbage each time it comes.
 */
import type { ScopeExposure } from '../program-source.ts'
import type { SubjectId } from './subject-id.ts'
import { SubjectTable } from './subject-table.ts'

/** Up to so many are found by looking at each; most documents have fewer. */
const LISTED_MAX = 8
/** Columns for up to so many subjects and counts are kept for the next document: walks that wait for one are many. */
const KEPT_MAX = 256
const KEPT_COUNTS_MAX = 2_048
const NONE = -1
/** Within a count. */
const VALUE = 1
const NEXT = 2
const COUNT_LENGTH = 3

/** See the file. As many (scope, id) pairs as the document has, up to a limit; each has a place: 0, 1, 2 ... */
export class Subjects {
  readonly #max: number
  #scopes: number[] = []
  #ids: SubjectId[] = []
  /** When the first of its scopes opened. */
  #orders: number[] = []
  /** Where the first count of each stands in `#counts`; -1 where nothing was counted. */
  #heads: number[] = []
  /** For each count that is not zero: its counter, how many, and where the next count of the same subject stands, or -1. */
  #counts: number[] = []
  /** How much of the columns is in use. */
  #count = 0
  #countsEnd = 0
  /** Where each stands, where there are more than {@link LISTED_MAX}. */
  #places: SubjectTable | undefined

  /** So many at most. */
  constructor(max: number) {
    this.#max = max
  }

  get count(): number {
    return this.#count
  }

  /** Forgets all, the ids above all. What is short is used again. */
  clear(): void {
    if (this.#count > KEPT_MAX || this.#countsEnd > KEPT_COUNTS_MAX * COUNT_LENGTH) {
      this.#places = undefined
      this.#scopes = []
      this.#ids = []
      this.#orders = []
      this.#heads = []
      this.#counts = []
    } else {
      for (let place = 0; place < this.#count; place += 1) this.#ids[place] = NONE
      if (this.#count > LISTED_MAX) this.#places?.clear()
    }
    this.#count = 0
    this.#countsEnd = 0
  }

  /** The place of the subject with this id; -1 where there is none. */
  find(scope: number, id: SubjectId): number {
    if (this.#count > LISTED_MAX) return (this.#places as SubjectTable).find(scope, id)
    for (let place = 0; place < this.#count; place += 1) {
      if (this.#ids[place] === id && this.#scopes[place] === scope) return place
    }
    return -1
  }

  /** Adds a subject that is not there yet, with nothing counted. Its place, or -1 where there would be too many. */
  add(scope: number, id: SubjectId, order: number): number {
    const place = this.#count
    if (place >= this.#max) return -1
    this.#count = place + 1
    this.#scopes[place] = scope
    this.#ids[place] = id
    this.#orders[place] = order
    this.#heads[place] = NONE
    if (place > LISTED_MAX) (this.#places as SubjectTable).add(scope, id, place)
    else if (place === LISTED_MAX) this.#index()
    return place
  }

  /** A scope of this subject opened then, too. */
  opened(place: number, order: number): void {
    if (order < (this.#orders[place] as number)) this.#orders[place] = order
  }

  /** Adds to a counter of the subject at this place. */
  tally(place: number, counter: number, by: number): void {
    const counts = this.#counts
    for (let at = this.#heads[place] as number; at >= 0; at = counts[at + NEXT] as number) {
      if (counts[at] !== counter) continue
      counts[at + VALUE] = (counts[at + VALUE] as number) + by
      return
    }
    this.first(place, counter, by)
  }

  /** The same, where nothing was added to this counter before. */
  first(place: number, counter: number, by: number): void {
    const counts = this.#counts
    const end = this.#countsEnd
    this.#countsEnd = end + COUNT_LENGTH
    counts[end] = counter
    counts[end + VALUE] = by
    counts[end + NEXT] = this.#heads[place] as number
    this.#heads[place] = end
  }

  /** The same subjects, to be counted on without a change here. */
  copy(): Subjects {
    const copy = new Subjects(this.#max)
    for (let place = 0; place < this.#count; place += 1) {
      const id = this.#ids[place] as SubjectId
      copy.add(this.#scopes[place] as number, id, this.#orders[place] as number)
      copy.#heads[place] = this.#heads[place] as number
    }
    copy.#counts = this.#counts.slice(0, this.#countsEnd)
    copy.#countsEnd = this.#countsEnd
    return copy
  }

  /** As the contract has it: in order of first appearance. */
  exposures(): readonly ScopeExposure[] {
    const all: ScopeExposure[] = []
    for (let place = 0; place < this.#count; place += 1) all.push(this.#exposure(place))
    if (this.#isOrdered()) return all
    const places = [...all.keys()].toSorted(
      (a, b) => (this.#orders[a] as number) - (this.#orders[b] as number),
    )
    return places.map((place) => all[place] as ScopeExposure)
  }

  #exposure(place: number): ScopeExposure {
    const all = this.#counts
    const counts: number[] = []
    for (let at = this.#heads[place] as number; at >= 0; at = all[at + NEXT] as number) {
      counts.push(all[at] as number, all[at + VALUE] as number)
    }
    return { scope: this.#scopes[place] as number, id: String(this.#ids[place]), counts }
  }

  #isOrdered(): boolean {
    let order = 0
    for (let place = 0; place < this.#count; place += 1) {
      const one = this.#orders[place] as number
      if (one < order) return false
      order = one
    }
    return true
  }

  #index(): void {
    this.#places ??= new SubjectTable()
    for (let place = 0; place < this.#count; place += 1) {
      this.#places.add(this.#scopes[place] as number, this.#ids[place] as SubjectId, place)
    }
  }
}
