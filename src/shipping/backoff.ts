/** How long to wait before the next attempt: longer each time, with a random part, so that many do not come at once. */
import type { RandomSource } from '../core/random.ts'

export interface Backoff {
  readonly firstMs: number
  readonly maxMs: number
}

/** A receiver that asks for a longer pause than this is asked again all the same. */
const ASKED_MS_MAX = 600_000
const DOUBLINGS_MAX = 30

/**
 * Milliseconds before attempt number `attempt` (from 1): between half of and the whole of the first pause doubled with each
 * attempt, up to the longest one; `askedMs` where the receiver asks for more.
 */
export function backoffMs(
  attempt: number,
  { firstMs, maxMs }: Backoff,
  random: RandomSource,
  askedMs = 0,
): number {
  const whole = Math.min(maxMs, firstMs * 2 ** Math.min(attempt - 1, DOUBLINGS_MAX))
  return Math.max(whole / 2 + (random() * whole) / 2, Math.min(askedMs, ASKED_MS_MAX))
}
