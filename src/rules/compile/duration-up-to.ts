/** Durations of a policy that have a default and a bound. */
import { parseDuration } from '../../core/duration.ts'
import type { PolicyPath } from '../policy/fault.ts'
import type { Complaints } from './complaints.ts'

/** In milliseconds; `words` is what is said of a longer one. */
export interface DurationBounds {
  readonly fallback: number
  readonly max: number
  readonly words: string
}

/** The duration in milliseconds. One beyond the bound goes to `complaints`. */
export function durationUpTo(
  path: PolicyPath,
  text: string | undefined,
  { fallback, max, words }: DurationBounds,
  complaints: Complaints,
): number {
  const ms = parseDuration(text ?? '') ?? fallback
  if (ms > max) complaints.add(path, words)
  return ms
}
