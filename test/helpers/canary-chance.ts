/**
 * Tells a piece of a canary from a number that looks like one: clocks, fractions of a second, ids, digests and
 * pseudonyms are random too, and six digits of a card will stand in one of them some day. Only short runs in exactly
 * such a token are let go; a longer run is a finding wherever it stands.
 */
import { systemClock } from '../../src/core/clock.ts'
import type { Needle } from './canary-needles.ts'

/** From this length on nothing is chance. */
const RUN_BYTES_MIN = 10
const CONTEXT_BYTES = 512
const CLOCK_SKEW_MS = 86_400_000

// The text that they are applied to is in small letters.
const TOKENS: readonly RegExp[] = [
  // UUID (RFC 9562).
  /(?<![0-9a-z])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9a-z])/g,
  // Span and trace ids, digests; with a letter at least, so that a card number is none.
  /(?<![0-9a-z])(?=[0-9]*[a-f])(?:[0-9a-f]{16}|[0-9a-f]{32}|[0-9a-f]{64})(?![0-9a-z])/g,
  // Keyed pseudonyms.
  /(?<![0-9a-z])v[0-9]{1,9}:[0-9a-z_-]{22,86}(?![0-9a-z_-])/g,
  // Fractions.
  /(?<![\w.])\d{1,10}\.\d{4,20}(?:e[-+]?\d{1,3})?(?![\w.])/g,
]
const CLOCKS = /(?<!\w)(?:\d{13}|\d{10})(?!\w)/g

/** True where the piece at `at` stands in a token of the gateway's own making and is too short to be no chance. */
export function isOwnRandomness(view: Buffer, at: number, needle: Needle): boolean {
  if (needle.form !== 'plain' && needle.form !== 'reversed') return false
  const length = runLength(view, at, needle.tail)
  if (length >= RUN_BYTES_MIN) return false
  const start = Math.max(0, at - CONTEXT_BYTES)
  const context = view.toString('latin1', start, at + length + CONTEXT_BYTES)
  const covers = (match: RegExpExecArray): boolean => {
    return match.index <= at - start && match.index + match[0].length >= at - start + length
  }
  if (TOKENS.some((token) => context.matchAll(token).some(covers))) return true
  return context.matchAll(CLOCKS).some((match) => covers(match) && isNow(match[0]))
}

/** Metrics without those values that can hold six digits of anything by chance. Names and labels stay. */
export function withoutSamples(metrics: string): string {
  return metrics.replaceAll(
    /^([a-zA-Z_:][\w:]*(?:\{.*\})?) (\S+)/gm,
    (line, series: string, value) => {
      return String(value).replaceAll(/\D/g, '').length < RUN_BYTES_MIN ? series : line
    },
  )
}

function runLength(view: Buffer, at: number, tail: Buffer): number {
  let length = 0
  while (length < tail.length && view[at + length] === tail[length]) length += 1
  return length
}

/** Seconds or milliseconds since 1970 within a day of now. */
function isNow(digits: string): boolean {
  const ms = digits.length === 10 ? Number(digits) * 1_000 : Number(digits)
  return Math.abs(ms - systemClock.nowMs()) < CLOCK_SKEW_MS
}
