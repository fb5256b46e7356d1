/** A seeded source of choices, so that each case can be run again from its number. */

/** Numbers and picks from one seed (mulberry32). */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed | 0
  }

  /** 0 to `below - 1`. */
  integer(below: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }

  /** True once in `times`. */
  oneIn(times: number): boolean {
    return this.integer(times) === 0
  }

  pick<T>(from: readonly T[]): T {
    return from[this.integer(from.length)] as T
  }
}
