/** An access record as people ask about it: who, by which route, with what outcome, what left, and of whom. */
import type { AuditRecord } from '../../core/audit-record.ts'
import { callerOf } from '../export/caller.ts'
import { numberAt, objectsAt, textAt, textsAt, valueAt } from '../export/event-fields.ts'
import type { JsonObject } from '../export/event-fields.ts'

/** How many locations of one class left in which form. */
export interface ClassCounts {
  readonly class: string
  readonly shown: number
  readonly masked: number
  readonly revealed: number
}

export interface SubjectView {
  readonly kind: string | undefined
  readonly pseudonym: string | undefined
  readonly classes: readonly ClassCounts[]
}

export interface AccessView {
  readonly id: string
  readonly timeMs: number
  readonly requestId: string | undefined
  readonly phase: string
  readonly agent: string | undefined
  readonly issuer: string | undefined
  readonly roles: readonly string[]
  readonly session: string | undefined
  readonly address: string | undefined
  readonly method: string | undefined
  readonly route: string | undefined
  readonly decision: string | undefined
  readonly reasons: readonly string[]
  readonly status: number | undefined
  /** What the request was for, and the ticket: `support 8123`. */
  readonly purpose: string | undefined
  /** The reason of its reveal, and the ticket: `refund 8123`. */
  readonly reveal: string | undefined
  readonly classes: readonly ClassCounts[]
  readonly dataSubjects: readonly SubjectView[]
  /** There were more data subjects than the record names. */
  readonly truncated: boolean
}

/** The view of an access record, or undefined for records of other types, and where the gateway asked itself: that is nobody's. */
export function accessView({ id, type, event }: AuditRecord): AccessView | undefined {
  if (type !== 'access' || valueAt(event, 'unmapped.celosia.self_test') === true) return undefined
  const { id: agent, issuer, roles, session, ip } = callerOf(event)
  return {
    id,
    timeMs: numberAt(event, 'time') ?? 0,
    requestId: textAt(event, 'metadata.correlation_uid'),
    phase: textAt(event, 'unmapped.celosia.phase') ?? 'outcome',
    agent,
    issuer,
    roles,
    session,
    address: ip,
    method: textAt(event, 'http_request.http_method'),
    route: textAt(event, 'unmapped.celosia.route'),
    decision: textAt(event, 'unmapped.celosia.decision'),
    reasons: textsAt(event, 'unmapped.celosia.reasons'),
    status: numberAt(event, 'http_response.code'),
    purpose: joined(event, 'purpose', 'name'),
    reveal: joined(event, 'reveal', 'reason'),
    classes: objectsAt(event, 'unmapped.celosia.classes').map(classCounts),
    dataSubjects: objectsAt(event, 'unmapped.celosia.data_subjects').map(subjectView),
    truncated: valueAt(event, 'unmapped.celosia.data_subjects_truncated') === true,
  }
}

function joined(event: JsonObject, part: string, name: string): string | undefined {
  const [word, ticket] = [name, 'ticket'].map((of) =>
    textAt(event, `unmapped.celosia.${part}.${of}`),
  )
  return word === undefined || ticket === undefined ? word : `${word} ${ticket}`
}

function subjectView(subject: JsonObject): SubjectView {
  return {
    kind: textAt(subject, 'kind'),
    pseudonym: textAt(subject, 'pseudonym'),
    classes: objectsAt(subject, 'classes').map(classCounts),
  }
}

/** The counts of one entry of `classes`. */
export function classCounts(entry: JsonObject): ClassCounts {
  const count = (name: string): number => numberAt(entry, name) ?? 0
  return {
    class: textAt(entry, 'class') ?? '',
    shown: count('shown'),
    masked: count('masked'),
    revealed: count('revealed'),
  }
}

/** Adds counts class by class. */
export function addClasses(sum: Map<string, ClassCounts>, classes: readonly ClassCounts[]): void {
  for (const entry of classes) {
    const { shown, masked, revealed } = sum.get(entry.class) ?? NOTHING
    sum.set(entry.class, {
      class: entry.class,
      shown: shown + entry.shown,
      masked: masked + entry.masked,
      revealed: revealed + entry.revealed,
    })
  }
}

const NOTHING = { shown: 0, masked: 0, revealed: 0 }
