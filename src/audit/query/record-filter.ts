/** Which records somebody looks for: every part that is given must fit. */
import type { AuditRecord } from '../../core/audit-record.ts'
import { callerOf } from '../export/caller.ts'
import { numberAt, objectsAt, textAt, textsAt } from '../export/event-fields.ts'

/** A part that is left out fits everything. */
export interface RecordFilter {
  /** Milliseconds; `toMs` is not included. */
  readonly fromMs: number
  readonly toMs: number
  readonly type?: string | undefined
  /** `sub` of the agent's token. */
  readonly agent?: string | undefined
  /** A part of the route's template. */
  readonly route?: string | undefined
  readonly decision?: string | undefined
  readonly reason?: string | undefined
  /** A data class that was in the answer, in whatever form. */
  readonly class?: string | undefined
  /** What callers know of it: the header Celosia-Request-Id. */
  readonly request?: string | undefined
  readonly pseudonym?: string | undefined
}

export function fits(record: AuditRecord, filter: RecordFilter): boolean {
  const { event } = record
  const timeMs = numberAt(event, 'time') ?? 0
  return (
    timeMs >= filter.fromMs &&
    timeMs < filter.toMs &&
    same(filter.type, record.type) &&
    same(filter.agent, callerOf(event).id) &&
    (filter.route === undefined ||
      textAt(event, 'unmapped.celosia.route')?.includes(filter.route) === true) &&
    same(filter.decision, textAt(event, 'unmapped.celosia.decision')) &&
    among(filter.reason, reasonsOf(event)) &&
    among(filter.class, textsAt(event, 'unmapped.celosia.classes', 'class')) &&
    same(filter.request, textAt(event, 'metadata.correlation_uid')) &&
    among(filter.pseudonym, textsAt(event, 'unmapped.celosia.data_subjects', 'pseudonym'))
  )
}

function same(wanted: string | undefined, found: string | undefined): boolean {
  return wanted === undefined || wanted === found
}

function among(wanted: string | undefined, found: readonly string[]): boolean {
  return wanted === undefined || found.includes(wanted)
}

/** Of one access; or of many, each with how often it was given. */
function reasonsOf(event: AuditRecord['event']): readonly string[] {
  return [
    ...textsAt(event, 'unmapped.celosia.reasons'),
    ...objectsAt(event, 'unmapped.celosia.reasons').flatMap((one) => textAt(one, 'reason') ?? []),
  ]
}
