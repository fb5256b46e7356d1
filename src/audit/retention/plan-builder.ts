/** Sorts old records: what goes, what holds keep, what stays for the proof. The same for every store. */
import { STREAM_NAMES, type StreamName } from '../../core/audit-record.ts'
import { timeOf, type StreamRecord } from '../read-all.ts'
import { isAsWritten } from '../record-codec.ts'
import { holdMatcher } from './hold.ts'
import { RunBuilder } from './run-builder.ts'
import type { PlanRequest, PurgePlan } from './retention-target.ts'

export class PlanBuilder {
  readonly #holdsOf: ReturnType<typeof holdMatcher>
  readonly #runs = new RunBuilder()
  readonly #held = new Map<string, number>()
  readonly #waits = new Set<string>()
  readonly #streams: Record<StreamName, number>
  #oldestMs: number | undefined
  #newestMs: number | undefined

  constructor(request: PlanRequest) {
    this.#holdsOf = holdMatcher(request.holds)
    this.#streams = Object.fromEntries(STREAM_NAMES.map((stream) => [stream, 0])) as Record<
      StreamName,
      number
    >
  }

  get records(): number {
    return this.#runs.records
  }

  /** Whether an old record stays. */
  keeps(stored: StreamRecord): boolean {
    return this.#isEvidence(stored) || this.#holdsOf(stored.record).length > 0
  }

  /** Takes an old record. True where it goes. */
  take(stored: StreamRecord): boolean {
    const { record, envelope, stream } = stored
    if (this.#isEvidence(stored)) return false
    const names = this.#holdsOf(record)
    for (const name of names) this.#held.set(name, (this.#held.get(name) ?? 0) + 1)
    if (names.length > 0) return false
    const timeMs = timeOf(stored)
    this.#runs.add(envelope)
    this.#streams[stream] += 1
    this.#oldestMs = Math.min(this.#oldestMs ?? timeMs, timeMs)
    this.#newestMs = Math.max(this.#newestMs ?? timeMs, timeMs)
    return true
  }

  waits(sentence: string): void {
    this.#waits.add(sentence)
  }

  /** What nobody can say of how old it is, or whose: a purge would sign that it may be gone. */
  #isEvidence(stored: StreamRecord): boolean {
    // What says that others are gone is what makes the rest verifiable.
    if (stored.record.type === 'retention') return true
    if (isAsWritten(stored)) return false
    this.waits('Records that are not what was written are kept; audit verify names them')
    return true
  }

  plan(rest: Pick<PurgePlan, 'through' | 'more' | 'remove'>): PurgePlan {
    return {
      runs: this.#runs.runs(),
      records: this.#runs.records,
      streams: this.#streams,
      oldestMs: this.#oldestMs,
      newestMs: this.#newestMs,
      held: this.#held,
      waits: [...this.#waits],
      ...rest,
    }
  }
}

/**
 * Tells how old the records of one stream are, in their order: as young as the youngest before them, since clocks step back.
 * One from a time that is still to come is as old as the store says that it has it, else young.
 */
export class StreamAge {
  readonly #nowMs: number
  #newestMs = Number.NEGATIVE_INFINITY

  constructor(nowMs: number) {
    this.#nowMs = nowMs
  }

  /** `storedMs`: when the store took it by its own clock, where it has one. */
  isOlder(stored: StreamRecord, cutoffMs: number, storedMs = Number.POSITIVE_INFINITY): boolean {
    const timeMs = timeOf(stored)
    this.#newestMs = Math.max(this.#newestMs, timeMs > this.#nowMs ? storedMs : timeMs)
    return this.#newestMs < cutoffMs
  }
}
