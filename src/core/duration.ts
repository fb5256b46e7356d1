/** Durations as policies write them: a whole number and a unit, `90s`, `10m`, `8h`, `30d`, `2w`, `2y`. */

const UNITS_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  y: 31_536_000_000,
}

export const DURATION_PATTERN = '^[1-9][0-9]{0,8}(ms|s|m|h|d|w|y)$'
const DURATION = new RegExp(DURATION_PATTERN)

/** Units that a duration is told in, the longest first. */
const TOLD = ['d', 'h', 'm', 's', 'ms'] as const

/** The longest duration of one unit that is no longer than so many milliseconds, `40m`; undefined below one. */
export function durationWithin(ms: number): string | undefined {
  const unit = TOLD.find((name) => ms >= (UNITS_MS[name] ?? Number.NaN))
  return unit && `${Math.floor(ms / (UNITS_MS[unit] ?? Number.NaN))}${unit}`
}

/** Milliseconds of a duration, or undefined where the text is none. A year is 365 days, a week 7. */
export function parseDuration(text: string): number | undefined {
  const unit = DURATION.exec(text)?.[1]
  if (unit === undefined) return undefined
  const ms = Number(text.slice(0, -unit.length)) * (UNITS_MS[unit] ?? Number.NaN)
  return Number.isSafeInteger(ms) ? ms : undefined
}
