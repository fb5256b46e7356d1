/**
 * How much of a body is rewritten at a time: large slices are quick, but an operator that takes long for each value must not
 * hold the event loop, and with it every other request.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Clock } from '../../core/clock.ts'

/** The first slice, before it is known how long one takes. */
export const FIRST_BYTES = 4_096
const LEAST_BYTES = 256
/** A slice should take no longer; what takes less than a quarter may be twice as large. */
const SLICE_MS = 4
/** Work without a turn for others. */
const TURN_MS = 5

/** See the file. For one body. */
export class SlicePace {
  readonly #clock: Clock
  readonly #bytesMax: number
  #bytes = FIRST_BYTES
  #turnMs: number

  constructor(clock: Clock, bytesMax: number) {
    this.#clock = clock
    this.#bytesMax = bytesMax
    this.#turnMs = clock.monotonicMs()
  }

  /** The part in slices; the size of each follows from the time that those before it took. */
  *slicesOf(part: Buffer): Generator<Buffer> {
    for (let at = 0; at < part.byteLength;) {
      const slice = part.subarray(at, at + this.#bytes)
      at += slice.byteLength
      yield slice
    }
  }

  /** Does the work of one slice, and learns from how long it takes. */
  run<T>(work: () => T): T {
    const startedMs = this.#clock.monotonicMs()
    const result = work()
    const tookMs = this.#clock.monotonicMs() - startedMs
    if (tookMs > SLICE_MS) {
      const fitting = Math.floor((this.#bytes * SLICE_MS) / tookMs)
      this.#bytes = Math.max(LEAST_BYTES, Math.min(fitting, this.#bytes >> 1))
    } else if (tookMs < SLICE_MS / 4) this.#bytes = Math.min(this.#bytesMax, this.#bytes * 2)
    return result
  }

  /** True where this body has had its turn. */
  get due(): boolean {
    return this.#clock.monotonicMs() - this.#turnMs >= TURN_MS
  }

  /** Gives others a turn. */
  async turn(): Promise<void> {
    await nextTurn()
    this.#turnMs = this.#clock.monotonicMs()
  }
}
