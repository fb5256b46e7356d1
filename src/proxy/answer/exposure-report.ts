/** What a body exposes, and of whom. */
import type { Exposures } from '../../json/program-source.ts'
import type { ExposureReport, RouteMasking } from '../../rules/compiled-policy.ts'
import type { Exchange } from '../exchange.ts'

/** The report of a masking. What lies under no data subject belongs to the one that the path names, where the route says so. */
export function exposureReport(
  { match }: Exchange,
  masking: RouteMasking,
  exposures: Exposures,
): ExposureReport {
  const report = masking.report(exposures)
  const requested = match?.route.requestedSubject
  const id = requested && match?.parameters.get(requested.pathParameter)
  if (requested === undefined || id === undefined) return report
  return {
    ...report,
    dataSubjects: report.dataSubjects.map((entry) =>
      entry.kind === undefined ? { ...entry, kind: requested.kind, id } : entry,
    ),
  }
}
