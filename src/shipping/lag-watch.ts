/** Looks from time to time how far a sink is behind, and tells of records that were deleted before they were delivered. */
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
}

const LOOK_EVERY_MS = 5_000

export class LagWatch {
  readonly #options: LagWatchOptions
  #lookedAtMs: number | undefined
  #lostBefore = 0

  constructor(options: LagWatchOptions) {
    this.#options = options
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
      this.tellLost(lag.lost - this.#lostBefore)
      this.#lostBefore = lag.lost
    } catch (error) {
      // That the source is away is told by whoever takes records next.
      if (!(error instanceof CelosiaError)) throw error
    }
  }

  /** Counts records that are gone, and says so. */
  tellLost(records: number): void {
    if (records <= 0) return
    const { metrics, log, name } = this.#options
    metrics.lost(records)
    log.warn('records were deleted before they were delivered', { sink: name, records })
  }
}
