/** What a masking program has counted, as a report: by class, and by data subject. */
import type { ClassExposure } from '../../core/audit-facts.ts'
import type { Exposures, ScopeExposure } from '../../json/program-source.ts'
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
  const dataSubjects = exposures.subjects.map((entry) => subjectReport(entry, names, queries))
  if (exposures.unscoped.some((count) => count > 0)) {
    dataSubjects.push({
      kind: undefined,
      id: undefined,
      classes: classExposures(exposures.unscoped, names),
      exposed: exposedClasses(exposures.unscoped, names),
    })
  }
  return {
    classes: classExposures(exposures.counters, names),
    dataSubjects,
    truncated: exposures.scopesOverflowed,
  }
}

function subjectReport(
  entry: ScopeExposure,
  names: readonly string[],
  queries: RouteQueries,
): DataSubjectReport {
  return {
    kind: queries.dataSubjects[entry.scope]?.kind,
    id: entry.id,
    classes: classExposures(entry.counters, names),
    exposed: exposedClasses(entry.counters, names),
  }
}

function classExposures(counters: readonly number[], names: readonly string[]): ClassExposure[] {
  return names.flatMap((name, index) => {
    const at = (form: number) => counters[index * COUNTERS_PER_CLASS + form] ?? 0
    const [shown, masked, revealed] = [at(SHOWN), at(PART) + at(HIDDEN), at(REVEALED)]
    return shown + masked + revealed > 0 ? [{ class: name, shown, masked, revealed }] : []
  })
}

function exposedClasses(counters: readonly number[], names: readonly string[]): string[] {
  return names.filter((_, index) => {
    const base = index * COUNTERS_PER_CLASS
    return [SHOWN, PART, REVEALED].some((form) => (counters[base + form] ?? 0) > 0)
  })
}
