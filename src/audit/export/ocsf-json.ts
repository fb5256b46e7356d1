/** The OCSF event as it was recorded, as one line of JSON. */
import type { AuditRecord } from '../../core/audit-record.ts'

/** The event alone: its id is `metadata.uid`. */
export function ocsfJson({ event }: AuditRecord): string {
  return JSON.stringify(event)
}
