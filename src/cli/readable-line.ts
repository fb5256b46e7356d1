/** A record of the audit as one line for people. */
import { objectsAt, textsAt, valueAt } from '../audit/export/event-fields.ts'
import type { OcsfEvent } from '../audit/export/event-fields.ts'
import type { AuditRecord, JsonValue } from '../core/audit-record.ts'
import { isoTime } from '../core/clock.ts'
import { plainText } from './table.ts'

/** Time, type, who, what, outcome and classes of a record on one line. */
export function readableLine({ type, event }: AuditRecord): string {
  const at = (path: string): JsonValue | undefined => valueAt(event, path)
  const time = at('time')
  const parts = [
    typeof time === 'number' ? isoTime(time) : '-',
    type,
    at('actor.user.uid'),
    at('unmapped.celosia.route') ?? at('api.operation') ?? at('finding_info.title'),
    at('http_response.code'),
    at('unmapped.celosia.decision') ?? at('unmapped.celosia.activity'),
    reasons(at('unmapped.celosia.reasons')),
    classes(event),
  ]
  return parts.map(word).filter(Boolean).join(' ')
}

function word(value: JsonValue | undefined): string {
  return typeof value === 'string' || typeof value === 'number' ? plainText(String(value)) : ''
}

// Reasons of one access, or of many with how often each was given.
function reasons(value: JsonValue | undefined): string {
  if (!Array.isArray(value)) return ''
  return (value as readonly (string | { readonly reason: string; readonly count: number })[])
    .map((entry) => (typeof entry === 'string' ? entry : `${entry.reason}:${entry.count}`))
    .join(',')
}

// Of an access how many locations were shown/masked, and after these how many were revealed, if any; of a finding the names.
function classes(event: OcsfEvent): string {
  const path = 'unmapped.celosia.classes'
  const counts = objectsAt(event, path).map(({ class: name, shown, masked, revealed }) => {
    const all = revealed === 0 ? [shown, masked] : [shown, masked, revealed]
    return `${word(name)}:${all.map(word).join('/')}`
  })
  return [...counts, ...textsAt(event, path).map(plainText)].join(' ')
}
