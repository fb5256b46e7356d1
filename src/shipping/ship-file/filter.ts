/** Which records a sink gets. */
import { numberAt, objectsAt, textAt, textsAt } from '../../audit/export/event-fields.ts'
import type { AuditRecord } from '../../core/audit-record.ts'
import { expandClassPattern } from '../../rules/compile/classes.ts'
import { SEVERITY_NAMES, type FilterDocument } from './document.ts'

/** True for records that fit each line of the filter. */
export function compileFilter(
  filter: FilterDocument | undefined,
): (record: AuditRecord) => boolean {
  const { types, severity, routes, classes } = filter ?? {}
  const severityMin = severity === undefined ? 0 : SEVERITY_NAMES.indexOf(severity) + 1
  return (record) =>
    (types === undefined || types.includes(record.type)) &&
    severityOf(record) >= severityMin &&
    (routes === undefined ||
      routes.includes(textAt(record.event, 'unmapped.celosia.route') ?? '')) &&
    (classes === undefined || namesClass(record, classes))
}

/** OCSF's `severity_id`; 99 is "other", which nobody meant to leave out. */
function severityOf({ severity, event }: AuditRecord): number {
  return Math.max(severity, numberAt(event, 'severity_id') ?? 0)
}

/** Classes of an access with their counts, or of a finding as names. */
function namesClass({ event }: AuditRecord, patterns: readonly string[]): boolean {
  const path = 'unmapped.celosia.classes'
  const counted = objectsAt(event, path).map((one) => one['class'])
  const names = [...counted.filter((name) => typeof name === 'string'), ...textsAt(event, path)]
  return patterns.some((pattern) => expandClassPattern(pattern, names).length > 0)
}
