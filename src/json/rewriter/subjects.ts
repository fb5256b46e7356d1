/** The data subjects of a document with what was counted for each. */
import type { ScopeExposure } from '../program-source.ts'
import type { SubjectId } from './subject-id.ts'

/** Up to so many are found by looking at each; most documents have fewer. */
const LISTED_MAX = 8

/** One (scope, id) pair. */
export interface Subject {
  readonly scope: number
  readonly id: SubjectId
  /** When the first of its scopes opened. */
  order: number
  readonly counters: number[]
}

/** See the file. As many as the document has, up to a limit. */
export class Subjects {
  readonly #max: number
  readonly #all: Subject[] = []
  /** For each scope, by id, once there are many. */
  #byScope: Map<SubjectId, Subject>[] | undefined

  constructor(max: number) {
    this.#max = max
  }

  get count(): number {
    return this.#all.length
  }

  /** The subject with this id; undefined where there is none. */
  find(scope: number, id: SubjectId): Subject | undefined {
    if (this.#byScope !== undefined) return this.#byScope[scope]?.get(id)
    for (let at = 0; at < this.#all.length; at += 1) {
      const one = this.#all[at] as Subject
      if (one.id === id && one.scope === scope) return one
    }
    return undefined
  }

  /** Adds a subject that is not there yet. False where there would be too many. */
  add(subject: Subject): boolean {
    if (this.#all.length >= this.#max) return false
    this.#all.push(subject)
    if (this.#byScope !== undefined) this.#index(this.#byScope, subject)
    else if (this.#all.length > LISTED_MAX) {
      this.#byScope = []
      for (const one of this.#all) this.#index(this.#byScope, one)
    }
    return true
  }

  /** The same subjects, to be counted on without a change here. */
  copy(): Subjects {
    const copy = new Subjects(this.#max)
    for (const one of this.#all) copy.add({ ...one, counters: one.counters.slice() })
    return copy
  }

  /** As the contract has it: in order of first appearance. Gives the arrays away: nothing may be counted after it. */
  exposures(): readonly ScopeExposure[] {
    const all = this.#isOrdered() ? this.#all : this.#all.toSorted((a, b) => a.order - b.order)
    return all.map(({ scope, id, counters }) => ({ scope, id: String(id), counters }))
  }

  #isOrdered(): boolean {
    let order = 0
    for (const one of this.#all) {
      if (one.order < order) return false
      order = one.order
    }
    return true
  }

  #index(byScope: Map<SubjectId, Subject>[], subject: Subject): void {
    while (byScope.length <= subject.scope) byScope.push(new Map())
    byScope[subject.scope]?.set(subject.id, subject)
  }
}
