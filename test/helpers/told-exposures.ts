/** Exposures in a form that can be compared: each data subject with all its counters, also those that are zero. */
import type { Exposures } from '../../src/json/program-source.ts'

export interface ToldExposures extends Omit<Exposures, 'subjects'> {
  readonly subjects: readonly {
    readonly scope: number
    readonly id: string
    readonly counters: readonly number[]
  }[]
}

/** The same exposures. Throws where a counter is named twice, or is zero. */
export function toldExposures(exposures: Exposures): ToldExposures {
  const { length } = exposures.unscoped
  return {
    ...exposures,
    subjects: exposures.subjects.map(({ scope, id, counts }) => ({
      scope,
      id,
      counters: countersOf(counts, length),
    })),
  }
}

function countersOf(counts: readonly number[], length: number): number[] {
  const counters = Array.from({ length }, () => 0)
  for (let at = 0; at < counts.length; at += 2) {
    const [counter = -1, count = 0] = counts.slice(at, at + 2)
    if (counters[counter] !== 0 || count === 0) throw new Error('not the pairs of a data subject')
    counters[counter] = count
  }
  return counters
}
