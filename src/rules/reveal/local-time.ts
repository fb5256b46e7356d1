/** What a moment is where the policy is at home. Pure: the moment is given. */
import type { Hours } from './reveal-rules.ts'

/** A day of the calendar in a time zone. */
export interface LocalDay {
  /** `2026-11-25`. */
  readonly date: string
  /** Its end, milliseconds since 1970. */
  readonly endsMs: number
  /** Its end in that zone, RFC 3339. */
  readonly endsAt: string
}

/** True for a name that the zone database has. */
export function isTimeZone(name: string): boolean {
  try {
    at(0, name)
    return true
  } catch {
    return false
  }
}

/** The day of the calendar that a moment is in, in a zone that there is. */
export function dayOf(nowMs: number, timeZone: string): LocalDay {
  const now = at(nowMs, timeZone)
  const end = now.startOfDay().add({ days: 1 }).startOfDay()
  return {
    date: now.toPlainDate().toString(),
    endsMs: end.epochMilliseconds,
    endsAt: end.toString({ timeZoneName: 'never', smallestUnit: 'second' }),
  }
}

/** True where a moment is within the hours, in a zone that there is. */
export function isWithin(
  { days, fromMinute, toMinute }: Hours,
  nowMs: number,
  zone: string,
): boolean {
  const { dayOfWeek, hour, minute } = at(nowMs, zone)
  const minutes = hour * 60 + minute
  return days.has(dayOfWeek) && minutes >= fromMinute && minutes < toMinute
}

/** How far local time is ahead of UTC at a moment, in a zone that there is. */
export function offsetMsAt(nowMs: number, timeZone: string): number {
  return at(nowMs, timeZone).offsetNanoseconds / 1e6
}

function at(ms: number, timeZone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(Math.floor(ms)).toZonedDateTimeISO(timeZone)
}
