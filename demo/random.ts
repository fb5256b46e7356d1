/**
 * A small seeded source of numbers, so that the sample data is the same on every machine. Never for
 * secrets.
 */

export interface Random {
  /** A whole number from 0 to `bound - 1`. */
  readonly below: (bound: number) => number
  /** One element of a list that is not empty. */
  readonly pick: <T>(list: readonly T[]) => T
  /** True in about `percent` of 100 calls. */
  readonly chance: (percent: number) => boolean
  /** `count` decimal digits as text; the first may be 0. */
  readonly digits: (count: number) => string
}

/**
 * A 32-bit xorshift generator (Marsaglia 2003, shifts 13, 17, 5). `seed` is any whole number but 0.
 */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  const below = (bound: number): number => {
    state = (state ^ (state << 13)) >>> 0
    state = (state ^ (state >>> 17)) >>> 0
    state = (state ^ (state << 5)) >>> 0
    return Math.floor((state / 0x1_0000_0000) * bound)
  }
  return {
    below,
    pick: (list) => {
      const picked = list[below(list.length)]
      if (picked === undefined) throw new RangeError('nothing to pick from')
      return picked
    },
    chance: (percent) => below(100) < percent,
    digits: (count) => Array.from({ length: count }, () => below(10)).join(''),
  }
}
