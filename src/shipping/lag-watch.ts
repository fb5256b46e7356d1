/**
 * Looks from time to time how far a sink is behind: raises the alarm where records wait too long, and tells of those that were
 * deleted before they were delivered.
 */
import type { Clock } from '../core/clock.ts'
import { CelosiaError } from '../core/errors.ts'
import type { RecordSource } from './record-source.ts'
import type { ShippingLog } from './shipping-log.ts'
import type { CourierMetrics } from './shipping-metrics.ts'

export interface LagWatchOptions {
  readonly name: string
  readonly source: RecordSource
  readonly metrics: CourierMetrics
  readonly log: ShippingLog
  readonly clock: Clock
  /** A record that waits for longer makes the sink late. */
  readonly lateAfterMs: number
}

const LOOK_EVERY_MS = 5_000

export class LagWatch {
  readonly #options: LagWatchOptions
  #lookedAtMs: number | undefined
  #lostBefore = 0
  #late = false

  constructor(options: LagWatchOptions) {
    this.#options = options
  }

  /** What is wrong at the moment; undefined: nothing is. */
  get problem(): string | undefined {
    return this.#late ? 'Records wait for longer than they may (lateAfter)' : undefined
  }

  /** Looks, where it has not looked for a while. */
  async look(): Promise<void> {
    const { source, clock, metrics } = this.#options
    const nowMs = clock.monotonicMs()
    if (this.#lookedAtMs !== undefined && nowMs - this.#lookedAtMs < LOOK_EVERY_MS) return
    this.#lookedAtMs = nowMs
    try {
      const lag = await source.lag()
      metrics.lag(lag)
      this.#tellLate(lag.oldestMs)
      this.tellLost(lag.lost - this.#lostBefore)
      this.#lostBefore = lag.lost
    } catch (error) {
      // That the source is away is told by whoever takes records next.
      if (!(error instanceof CelosiaError)) throw error
    }
  }

  #tellLate(oldestMs: number | undefined): void {
    const { clock, lateAfterMs, metrics, log, name } = this.#options
    const ageMs = oldestMs === undefined ? 0 : clock.nowMs() - oldestMs
    const late = ageMs > lateAfterMs
    metrics.late(late)
    if (late === this.#late) return
    this.#late = late
    if (late) log.warn('a sink is late', { sink: name, waitMs: Math.round(ageMs) })
    else log.info('a sink is no longer late', { sink: name })
  }

  /** Counts records that are gone, and says so. */
  tellLost(records: number): void {
    if (records <= 0) return
    const { metrics, log, name } = this.#options
    metrics.lost(records)
    log.warn('records were deleted before they were delivered', { sink: name, records })
  }
}
