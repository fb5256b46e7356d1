/** How far a count is from those of others, by median and MAD (Iglewicz and Hoaglin, 1993). Pure. */

/** How often each value occurs. */
export type Tally = ReadonlyMap<number, number>

export interface RobustScale {
  readonly median: number
  /** Median of the absolute deviations from the median. */
  readonly mad: number
}

/** The median of these values and their MAD. NaN of none. */
export function scaleOf(tally: Tally): RobustScale {
  const median = middle(tally)
  const deviations = new Map<number, number>()
  for (const [value, times] of tally) {
    const deviation = Math.abs(value - median)
    deviations.set(deviation, (deviations.get(deviation) ?? 0) + times)
  }
  return { median, mad: middle(deviations) }
}

/** The robust z-score; the MAD is taken for at least `floor`. */
export function robustScore(value: number, { median, mad }: RobustScale, floor: number): number {
  return (0.6745 * (value - median)) / Math.max(mad, floor)
}

// Of an even number of values the mean of the two in the middle.
function middle(tally: Tally): number {
  const sorted = [...tally].toSorted(([a], [b]) => a - b)
  const size = sorted.reduce((sum, [, times]) => sum + times, 0)
  const at = (place: number): number => {
    let seen = 0
    for (const [value, times] of sorted) {
      seen += times
      if (seen >= place) return value
    }
    return Number.NaN
  }
  return (at(Math.floor((size + 1) / 2)) + at(Math.ceil((size + 1) / 2))) / 2
}
