/** Resolves hours of days of the week. */
import type { PolicyPath } from '../policy/fault.ts'
import { isTimeZone } from '../reveal/local-time.ts'
import type { Hours } from '../reveal/reveal-rules.ts'
import type { Complaints } from './complaints.ts'

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']

/** As the policy has them. */
export interface HoursDocument {
  readonly days?: readonly string[]
  readonly from: string
  readonly to: string
}

/** Complains where they end before they begin. */
export function compileHours(
  path: PolicyPath,
  { days, from, to }: HoursDocument,
  complaints: Complaints,
): Hours {
  const fromMinute = minutes(from)
  const toMinute = minutes(to)
  if (fromMinute >= toMinute)
    complaints.add(path, 'hours begin before they end, on one day: name two roles for a night')
  const numbers = days?.map((day) => DAYS.indexOf(day) + 1) ?? [1, 2, 3, 4, 5, 6, 7]
  return { days: new Set(numbers), fromMinute, toMinute }
}

/** Complains where the zone database does not have it. */
export function checkTimeZone(path: PolicyPath, timeZone: string, complaints: Complaints): void {
  if (isTimeZone(timeZone)) return
  complaints.add(
    path,
    `unknown time zone \`${timeZone}\``,
    'zones have names such as Europe/Berlin or UTC',
  )
}

function minutes(time: string): number {
  const [hour = 0, minute = 0] = time.split(':').map(Number)
  return hour * 60 + minute
}
