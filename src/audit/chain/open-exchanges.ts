/** Accesses that have begun on record and whose end is not there yet: an intent or an opening without outcome or closing. */
import type { AuditRecord, JsonValue } from '../../core/audit-record.ts'

/** What an access record does to its exchange. */
export interface ExchangeStep {
  /** What joins the records of one request. */
  readonly requestId: string
  readonly does: 'open' | 'close'
}

/** Undefined for records that neither begin nor end anything. */
export function exchangeStep({ type, event }: AuditRecord): ExchangeStep | undefined {
  if (type !== 'access') return undefined
  const phase = memberOf(memberOf(event['unmapped'], 'celosia'), 'phase')
  const requestId = memberOf(event['metadata'], 'correlation_uid')
  if (typeof requestId !== 'string') return undefined
  if (phase === 'intent' || phase === 'opening') return { requestId, does: 'open' }
  if (phase === 'outcome' || phase === 'closing') return { requestId, does: 'close' }
  return undefined
}

/** A member of an object, or undefined where there is none. */
export function memberOf(value: JsonValue | undefined, name: string): JsonValue | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as { readonly [name: string]: JsonValue | undefined })[name]
    : undefined
}

/** Those of one chain, by the sequence at which each began. */
export class OpenExchanges {
  // In the order of their sequences, since each is put in once, at its end.
  readonly #began = new Map<string, number>()

  see(record: AuditRecord, sequence: number): void {
    const step = exchangeStep(record)
    if (step === undefined) return
    if (step.does === 'close') this.#began.delete(step.requestId)
    else if (!this.#began.has(step.requestId)) this.#began.set(step.requestId, sequence)
  }

  /** The sequence of the oldest that is open, or undefined where none is. */
  oldest(): number | undefined {
    return this.#began.values().next().value
  }

  /** A chain begins anew. */
  forget(): void {
    this.#began.clear()
  }
}
