/** Of what part of a time an audit has records: what was not recorded was not unused. */
import { numberAt } from '../audit/export/event-fields.ts'
import type { AuditRecord } from '../core/audit-record.ts'
import { isoTime } from '../core/clock.ts'

export class RecordedTime {
  #firstMs = Number.POSITIVE_INFINITY
  #lastMs = Number.NEGATIVE_INFINITY

  take({ event }: AuditRecord): void {
    const timeMs = numberAt(event, 'time') ?? Number.NaN
    if (timeMs < this.#firstMs) this.#firstMs = timeMs
    if (timeMs > this.#lastMs) this.#lastMs = timeMs
  }

  /** Undefined: of none of it. */
  get span(): { readonly firstMs: number; readonly lastMs: number } | undefined {
    const [firstMs, lastMs] = [this.#firstMs, this.#lastMs]
    return firstMs > lastMs ? undefined : { firstMs, lastMs }
  }

  /** As part of a sentence. */
  words(): string {
    const { span } = this
    return span === undefined
      ? 'there is no record of this time, so nothing can be told of what was used'
      : `the records of this time are from ${isoTime(span.firstMs)} to ${isoTime(span.lastMs)}; what was not recorded was not unused`
  }
}
