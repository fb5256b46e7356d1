/** What a masking program has counted, as a report: by class, and by data subject. */
import type { ClassExposure } from '../../core/audit-facts.ts'
import { pairsOf } from '../../json/count-pairs.ts'
import type { Exposures } from '../../json/program-source.ts'
import type { DataSubjectReport, ExposureReport } from '../compiled-policy.ts'
import type { RouteQueries } from './route-queries.ts'

/** Counter of a class: left in clear. */
export const SHOWN = 0
/** Left in part. */
export const PART = 1
/** Hidden whole. */
export const HIDDEN = 2
/** Left in clear by a reveal. */
export const REVEALED = 3
/** How many each class has. Those of the first class come first. */
export const COUNTERS_PER_CLASS = 4

/** The report of a program whose classes have these names, in the order of their counters. */
export function exposureReport(
  exposures: Exposures,
  names: readonly string[],
  queries: RouteQueries,
): ExposureReport {
  const dataSubjects: DataSubjectReport[] = exposures.subjects.map(({ scope, id, counts }) => ({
    kind: queries.dataSubjects[scope]?.kind,
    id,
    ...classesOf(counts, names),
  }))
  const unscoped = pairsOf(exposures.unscoped)
  if (unscoped.length > 0) {
    dataSubjects.push({ kind: undefined, id: undefined, ...classesOf(unscoped, names) })
  }
  return {
    classes: classesOf(pairsOf(exposures.counters), names).classes,
    dataSubjects,
    truncated: exposures.scopesOverflowed,
  }
}

/** Of pairs of a counter and how many, in no order: what there is of each class, and which were seen in clear or in part. */
function classesOf(
  counts: readonly number[],
  names: readonly string[],
): Pick<DataSubjectReport, 'classes' | 'exposed'> {
  const sums = new Map<number, number[]>()
  for (let at = 0; at < counts.length; at += 2) {
    const counter = counts[at] as number
    const index = Math.floor(counter / COUNTERS_PER_CLASS)
    // Those behind them are not of classes.
    if (index >= names.length) continue
    let forms = sums.get(index)
    if (forms === undefined) sums.set(index, (forms = [0, 0, 0, 0]))
    forms[counter % COUNTERS_PER_CLASS] = counts[at + 1] as number
  }
  const classes: ClassExposure[] = []
  const exposed: string[] = []
  for (const index of [...sums.keys()].toSorted((a, b) => a - b)) {
    const name = names[index] as string
    const [shown, part, hidden, revealed] = sums.get(index) as [number, number, number, number]
    classes.push({ class: name, shown, masked: part + hidden, revealed })
    if (shown + part + revealed > 0) exposed.push(name)
  }
  return { classes, exposed }
}
