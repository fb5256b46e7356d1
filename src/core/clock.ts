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

// RFC 3339 with seconds and fractions left out where nobody needs them; a date alone is its first moment in UTC.
const TIME = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2}))?$/

/** Milliseconds of a date or a time with its offset from UTC, or undefined where the text is none. */
export function parseTime(text: string): number | undefined {
  const ms = TIME.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(ms) ? undefined : ms
}
