/**
 * Accesses that are open: an intent without its outcome, an opening without its closing. What is remembered of one is what a
 * closing record can be made of, should its writer die.
 */
import { createHash } from 'node:crypto'
import type { AuditRecord, JsonValue } from '../../core/audit-record.ts'
import type { Reason } from '../../core/reasons.ts'
import { exchangeStep, memberOf } from '../chain/open-exchanges.ts'
import type { ExchangeStep } from '../chain/open-exchanges.ts'
import { canonicalJson } from '../chain/canonical-json.ts'
import type { PlacedRecord } from '../chain/envelope.ts'
import { OUTCOME_UNKNOWN, SEVERITY } from '../ocsf.ts'

/** An access that is open, and whose it was to close. */
export interface OpenAccess {
  readonly requestId: string
  readonly writer: string
  readonly event: AuditRecord['event']
}

/** What a record does to its access; of one that opens it, what is to be remembered. */
export type PlacedStep = ExchangeStep & { readonly remembered: string }

/** Most accesses neither have an intent nor leave in windows; these are told without looking into them. */
const STEPS = /"phase":"(?:intent|opening|closing)"|"intent_id":/

export function placedStep({ envelope, eventText }: PlacedRecord): PlacedStep | undefined {
  const { type, writer } = envelope
  if (type !== 'access' || !STEPS.test(eventText)) return undefined
  const event = JSON.parse(eventText) as AuditRecord['event']
  const step = exchangeStep({ id: envelope.id, type, severity: envelope.severity, event })
  if (step === undefined) return undefined
  const remembered =
    step.does === 'open' ? canonicalJson({ writer, event: withoutSubjects(event) }) : ''
  return { ...step, remembered }
}

/** A closing record tells of itself only; whom an opening exposed is on record with it. */
export function withoutSubjects(event: AuditRecord['event']): AuditRecord['event'] {
  const { locations: _ledger, locations_truncated: _more, ...own } = ownPart(event)
  return {
    ...event,
    unmapped: {
      celosia: { ...own, classes: [], data_subjects: [], data_subjects_truncated: false },
    },
  }
}

/** What {@link placedStep} remembered, or undefined where it is none of it. */
export function openAccessOf(requestId: string, remembered: string): OpenAccess | undefined {
  try {
    const { writer, event } = JSON.parse(remembered) as Partial<OpenAccess>
    if (typeof writer !== 'string' || typeof event !== 'object') return undefined
    return { requestId, writer, event }
  } catch {
    return undefined
  }
}

const UNKNOWN: Reason = 'outcome-unknown'

/** The record that closes an access whose writer died. Whoever makes it makes it with the same id. */
export function unknownOutcome({ event }: OpenAccess, timeMs: number): AuditRecord {
  const { uid: opened } = event['metadata'] as { readonly uid: string }
  const id = derivedId(opened)
  const { status_code: _code, http_response: _response, duration: _duration, ...rest } = event
  const { response: _api, ...api } = (rest['api'] ?? {}) as { readonly [name: string]: JsonValue }
  const own = ownPart(event)
  const intent = own['phase'] === 'intent'
  return {
    id,
    type: 'access',
    severity: SEVERITY.medium,
    event: {
      ...rest,
      severity_id: SEVERITY.medium,
      severity: 'Medium',
      time: timeMs,
      ...OUTCOME_UNKNOWN,
      status_detail: UNKNOWN,
      metadata: { ...(event['metadata'] as object), uid: id },
      api,
      unmapped: {
        celosia: {
          ...own,
          phase: intent ? 'outcome' : 'closing',
          ...(intent && { intent_id: opened }),
          reasons: [UNKNOWN],
          upstream_status: intent ? null : (own['upstream_status'] ?? null),
        },
      },
    },
  }
}

function ownPart(event: AuditRecord['event']): { readonly [name: string]: JsonValue } {
  return (memberOf(event['unmapped'], 'celosia') ?? {}) as { readonly [name: string]: JsonValue }
}

/** UUIDv8 (RFC 9562 5.8) of another id: the same for all who close it, so that twice can be told to be once. */
function derivedId(id: string): string {
  const bytes = createHash('sha256').update(`celosia outcome unknown ${id}`).digest()
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6)
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
  const hex = bytes.toString('hex', 0, 16)
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
