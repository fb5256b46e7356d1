/** A record of the audit as one line for people. */
import type { AuditRecord, JsonValue } from '../core/audit-record.ts'
import { isoTime } from '../core/clock.ts'
import { plainText } from './table.ts'

/** Time, type, who, what, outcome and classes of a record on one line. */
export function readableLine({ type, event }: AuditRecord): string {
  const at = (path: string): JsonValue | undefined =>
    path
      .split('.')
      .reduce<JsonValue | undefined>(
        (node, step) =>
          node !== null && typeof node === 'object' && !Array.isArray(node)
            ? (node as Record<string, JsonValue>)[step]
            : undefined,
        event as JsonValue,
      )
  const time = at('time')
  const parts = [
    typeof time === 'number' ? isoTime(time) : '-',
    type,
    at('actor.user.uid'),
    at('unmapped.celosia.route') ?? at('api.operation') ?? at('finding_info.title'),
    at('http_response.code'),
    at('unmapped.celosia.decision') ?? at('unmapped.celosia.activity'),
    reasons(at('unmapped.celosia.reasons')),
    classes(at('unmapped.celosia.classes')),
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

function classes(value: JsonValue | undefined): string {
  if (!Array.isArray(value)) return ''
  return (value as readonly Record<string, JsonValue>[])
    .map((entry) => `${word(entry['class'])}:${word(entry['shown'])}/${word(entry['masked'])}`)
    .join(' ')
}
