/** Counts as pairs of a counter and how many, in one row: of many counters few are not zero. */

/** The pairs of a row of counters, in their order. */
export function pairsOf(counters: readonly number[]): number[] {
  const pairs: number[] = []
  for (const [counter, count] of counters.entries()) if (count > 0) pairs.push(counter, count)
  return pairs
}

/** Adds pairs to a row of counters, which grows where it is too short. */
export function addPairs(sum: number[], pairs: readonly number[]): void {
  for (let at = 0; at < pairs.length; at += 2) {
    const counter = pairs[at] as number
    while (sum.length <= counter) sum.push(0)
    sum[counter] = (sum[counter] as number) + (pairs[at + 1] as number)
  }
}
