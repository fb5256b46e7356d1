/** What the records of a body expose together: counted record by record, told as if they were one document. */
import type { Exposures, ScopeExposure } from '../program-source.ts'

/** The sum of exposures of one program since it was drained last. */
export class ExposureSum {
  readonly #subjectsMax: number
  #counters: number[] = []
  #unscoped: number[] = []
  #overflowed = false
  #subjects = new Map<string, ScopeExposure & { readonly counters: number[] }>()

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
    for (const { scope, id, counters: own } of subjects) {
      const key = `${scope} ${id}`
      const known = this.#subjects.get(key)
      if (known !== undefined) addTo(known.counters, own)
      else if (this.#subjects.size < this.#subjectsMax) {
        this.#subjects.set(key, { scope, id, counters: own.slice() })
      } else {
        addTo(this.#unscoped, own)
        this.#overflowed = true
      }
    }
  }

  /** The sum so far, which goes on being counted. */
  read(): Exposures {
    return {
      counters: this.#counters.slice(),
      subjects: [...this.#subjects.values()].map((one) => ({
        ...one,
        counters: one.counters.slice(),
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
