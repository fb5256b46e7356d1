/** The pseudonyms made last, of one key. Two generations instead of a list by use: nearly as good, and much cheaper. */

/** Pseudonyms in both generations together. */
export const CACHE_ENTRIES_MAX = 16_384

/** Longer values are computed each time, so that the cache has a bound in bytes too (some 10 MB). */
const VALUE_UNITS_MAX = 256

type Generation = Map<string, Map<string, string>>

/** Bounded memory of (domain, value) to pseudonym. When the young generation is full it becomes the old one, and the old one goes. */
export class PseudonymCache {
  #young: Generation = new Map()
  #old: Generation = new Map()
  #youngEntries = 0

  /** The pseudonym, where it is still known. */
  get(domain: string, value: string): string | undefined {
    const known = this.#young.get(domain)?.get(value)
    if (known !== undefined) return known
    const old = this.#old.get(domain)?.get(value)
    if (old !== undefined) this.set(domain, value, old)
    return old
  }

  /** Remembers a pseudonym; not of a value of more than 256 code units. */
  set(domain: string, value: string, pseudonym: string): void {
    if (value.length > VALUE_UNITS_MAX) return
    if (this.#youngEntries >= CACHE_ENTRIES_MAX / 2) {
      this.#old = this.#young
      this.#young = new Map()
      this.#youngEntries = 0
    }
    let values = this.#young.get(domain)
    if (values === undefined) {
      values = new Map()
      this.#young.set(domain, values)
    }
    values.set(value, pseudonym)
    this.#youngEntries += 1
  }
}
