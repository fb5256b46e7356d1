/** Time, as a parameter. The only file that reads the machine's clocks. */

export interface Clock {
  /** Wall clock, milliseconds since 1970-01-01T00:00Z. May step. */
  readonly nowMs: () => number
  /** Monotonic, milliseconds with fractions; only differences mean something. */
  readonly monotonicMs: () => number
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
}

/** ISO 8601 in UTC with milliseconds, as in RFC 3339. */
export function isoTime(ms: number): string {
  return new Date(ms).toISOString()
}
