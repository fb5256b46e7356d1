/** What the records of a body expose together: counted record by record, told as if they were one document. */
import { addPairs, pairsOf } from '../count-pairs.ts'
import type { Exposures } from '../program-source.ts'

interface SubjectSum {
  readonly scope: number
  readonly id: string
  readonly counters: number[]
}

/** The sum of exposures of one program since it was drained last. */
export class ExposureSum {
  readonly #subjectsMax: number
  #counters: number[] = []
  #unscoped: number[] = []
  #overflowed = false
  #subjects = new Map<string, SubjectSum>()

  /** `subjectsMax`: data subjects that are told apart; those beyond it are counted without a name. */
  constructor(subjectsMax: number) {
    this.#subjectsMax = subjectsMax
  }

  get subjectCount(): number {
    return this.#subjects.size
  }

  add({ counters, subjects, unscoped, scopesOverflowed }: Exposures): void {
    addTo(this.#counters, counters)
    addTo(this.#unscoped, unscoped)
    this.#overflowed ||= scopesOverflowed
    for (const { scope, id, counts } of subjects) {
      const key = `${scope} ${id}`
      let known = this.#subjects.get(key)
      if (known === undefined && this.#subjects.size < this.#subjectsMax) {
        known = { scope, id, counters: [] }
        this.#subjects.set(key, known)
      }
      addPairs(known?.counters ?? this.#unscoped, counts)
      if (known === undefined) this.#overflowed = true
    }
  }

  /** The sum so far, which goes on being counted. */
  read(): Exposures {
    return {
      counters: this.#counters.slice(),
      subjects: [...this.#subjects.values()].map(({ scope, id, counters }) => ({
        scope,
        id,
        counts: pairsOf(counters),
      })),
      unscoped: this.#unscoped.slice(),
      scopesOverflowed: this.#overflowed,
    }
  }

  /** The sum so far; the next begins at nothing. */
  drain(): Exposures {
    const drained = this.read()
    this.#counters = this.#counters.map(() => 0)
    this.#unscoped = this.#unscoped.map(() => 0)
    this.#overflowed = false
    this.#subjects = new Map()
    return drained
  }
}

function addTo(sum: number[], more: readonly number[]): void {
  for (const [at, count] of more.entries()) sum[at] = (sum[at] ?? 0) + count
}
