/** A request of the past as far as its record tells it: what another policy would have to decide on. */
import { accessView } from '../../audit/query/access-view.ts'
import type { AccessView } from '../../audit/query/access-view.ts'
import { objectsAt, numberAt, textAt, textsAt, valueAt } from '../../audit/export/event-fields.ts'
import type { AuditRecord } from '../../core/audit-record.ts'

export interface PastRequest extends AccessView {
  /** SHA-256 of the policy that it was under. */
  readonly policy: string | undefined
  /** Names of the levels that the login met then. */
  readonly assurance: ReadonlySet<string>
  /** False where every class was masked, for training or by a look-up rule. */
  readonly trained: boolean
  readonly purposeName: string | undefined
  /** Undefined: it asked for nothing beyond its roles. */
  readonly asked: AskedReveal | undefined
  /** Of a ledger of locations; undefined: the record has none. */
  readonly places: readonly PastPlace[] | undefined
  /** True of the one record of a request that counts it; other windows of its answer only add to it. */
  readonly counts: boolean
}

/** What was asked to be seen in clear. */
export interface AskedReveal {
  readonly classes: readonly string[]
  readonly reason: { readonly code: string; readonly ticket: string | undefined } | undefined
  /** By a grant that a second person approved. */
  readonly granted: boolean
}

/** How many places of one rule left by one operator. */
export interface PastPlace {
  readonly at: string
  /** Undefined: what no rule names. */
  readonly class: string | undefined
  readonly operator: string
  readonly count: number
}

/** The request of an access record; undefined for other records, and for intents. */
export function pastRequest(record: AuditRecord): PastRequest | undefined {
  const view = accessView(record)
  if (view === undefined || view.phase === 'intent') return undefined
  const { event } = record
  const own = 'unmapped.celosia'
  const truncated = valueAt(event, `${own}.locations_truncated`) === true
  return {
    ...view,
    policy: textAt(event, `${own}.policy_sha256`),
    assurance: new Set(textsAt(event, `${own}.assurance`)),
    trained: !view.reasons.some((one) => one === 'training-overdue' || one === 'lookups-masked'),
    purposeName: textAt(event, `${own}.purpose.name`),
    asked: askedReveal(event),
    places:
      valueAt(event, `${own}.locations`) === undefined || truncated
        ? undefined
        : objectsAt(event, `${own}.locations`).map((one) => ({
            at: textAt(one, 'at') ?? '',
            class: textAt(one, 'class'),
            operator: textAt(one, 'operator') ?? '',
            count: numberAt(one, 'count') ?? 0,
          })),
    counts: view.phase === 'outcome' || view.phase === 'opening',
  }
}

function askedReveal(event: AuditRecord['event']): AskedReveal | undefined {
  const reveal = 'unmapped.celosia.reveal'
  if (valueAt(event, reveal) === undefined) return undefined
  const code = textAt(event, `${reveal}.reason`)
  return {
    classes: textsAt(event, `${reveal}.classes`),
    reason: code === undefined ? undefined : { code, ticket: textAt(event, `${reveal}.ticket`) },
    granted: textAt(event, `${reveal}.grant`) !== undefined,
  }
}
