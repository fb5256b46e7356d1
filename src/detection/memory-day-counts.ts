/** Counts of a day that are compared with those of others, in memory: of each the present day, of each group the past ones. */
import { CounterUnavailableError } from './errors.ts'
import { GroupDays } from './group-days.ts'
import type { OthersScale } from './group-days.ts'
import type { Baseline, Compared, LookupState, LookupWindow } from './lookup-counter.ts'
import { DAY_COUNT_MAX, DAY_MEMBERS_MAX } from './lookup-limits.ts'
import { robustScore } from './robust-score.ts'

const DAY_MS = 86_400_000
/** Counts kept at once, and members in all of them together. */
const COUNTS_MAX = 20_000
const MEMBERS_MAX = 2_000_000
const GROUPS_MAX = 10_000

/** What one has counted today, and which of the last days were too much. */
interface DayCount {
  day: number
  count: number
  members: Set<string>
  /** By group, as of this day; undefined: not known. */
  scales: Map<string, OthersScale | undefined>
  daysOver: number[]
  passed: boolean
  calmUntilMs: number
  activeUntilMs: number
}

export class MemoryDayCounts {
  // The one used longest ago first, in both.
  readonly #counts = new Map<string, DayCount>()
  readonly #groups = new Map<string, GroupDays>()
  readonly #onForgotten: (() => void) | undefined
  #members = 0

  /** `onForgotten` is told when the count of a day is forgotten before its time, since there are too many. */
  constructor(onForgotten?: () => void) {
    this.#onForgotten = onForgotten
  }

  /** `nowMs` is the time of the wall clock. Throws CounterUnavailableError, before anything is added, where there are too many groups. */
  add(window: LookupWindow, baseline: Baseline, nowMs: number): LookupState {
    const { key, members, cooldownMs = 0, lastsMs = 0, quiet } = window
    const { day, groups } = this.#groupsOf(window, baseline, nowMs)
    const counted = this.#counted(key, day)
    const added = addMembers(counted, members, baseline.plain)
    this.#members += added
    if (members.length > 0) for (const group of groups.values()) group.count(key, counted.count)
    const found = compare(counted, groups, { key, baseline })
    const { on, of } = baseline
    if (found !== undefined && found.score > baseline.over && counted.daysOver.at(-1) !== day)
      counted.daysOver = [...counted.daysOver, day].slice(-of)
    const daysOver = counted.daysOver.filter((one) => one > day - of && one <= day).length
    const exceeded = daysOver >= on
    if (!exceeded) counted.passed = false
    const crossed =
      exceeded &&
      found !== undefined &&
      quiet !== true &&
      !counted.passed &&
      nowMs >= counted.calmUntilMs
    if (crossed) {
      counted.passed = true
      counted.calmUntilMs = nowMs + cooldownMs
      counted.activeUntilMs = nowMs + lastsMs
    }
    this.#keep(key, counted)
    const active = exceeded || nowMs < counted.activeUntilMs
    const state = { distinct: counted.count, exceeded, crossed, active, ageMs: 0, held: [] }
    return found === undefined ? state : { ...state, compared: { ...found, daysOver } }
  }

  forget(key: string): void {
    const counted = this.#counts.get(key)
    this.#members -= counted?.members.size ?? 0
    this.#counts.delete(key)
  }

  #groupsOf({ key }: LookupWindow, { groups, offsetMs, days }: Baseline, nowMs: number) {
    const today = Math.floor((nowMs + offsetMs) / DAY_MS)
    const known = groups.map((name) => this.#groups.get(name))
    // A day that has begun does not end where the clock steps back over its midnight.
    const begun = [this.#counts.get(key), ...known].some((one) => one?.day === today + 1)
    const day = begun ? today + 1 : today
    const fresh = known.filter((one) => one === undefined).length
    while (this.#groups.size + fresh > GROUPS_MAX) {
      const [oldest] = this.#groups.entries()
      if (oldest === undefined || oldest[1].day >= day - days)
        throw new CounterUnavailableError('There are too many roles to compare with')
      this.#groups.delete(oldest[0])
    }
    const found = new Map<string, GroupDays>()
    for (const [index, name] of groups.entries()) {
      const group = known[index] ?? new GroupDays(day)
      group.turnTo(day, days)
      this.#groups.delete(name)
      this.#groups.set(name, group)
      found.set(name, group)
    }
    return { day, groups: found }
  }

  #counted(key: string, day: number): DayCount {
    const before = this.#counts.get(key)
    if (before?.day === day) return before
    this.#members -= before?.members.size ?? 0
    const fresh = { day, count: 0, members: new Set<string>(), scales: new Map() }
    const counted = {
      daysOver: [],
      passed: false,
      calmUntilMs: Number.NEGATIVE_INFINITY,
      activeUntilMs: Number.NEGATIVE_INFINITY,
      ...before,
      ...fresh,
    }
    counted.daysOver = counted.daysOver.filter((one) => one <= day)
    this.#counts.set(key, counted)
    return counted
  }

  #keep(key: string, counted: DayCount): void {
    this.#counts.delete(key)
    this.#counts.set(key, counted)
    for (const [oldest, { day }] of this.#counts) {
      if (this.#counts.size <= COUNTS_MAX && this.#members <= MEMBERS_MAX) break
      if (oldest === key) continue
      if (day === counted.day) this.#onForgotten?.()
      this.forget(oldest)
    }
  }
}

function addMembers(counted: DayCount, members: readonly string[], plain: boolean): number {
  if (plain) {
    counted.count = Math.min(DAY_COUNT_MAX, counted.count + members.length)
    return 0
  }
  const before = counted.members.size
  for (const member of members) {
    if (counted.members.size >= DAY_MEMBERS_MAX) break
    counted.members.add(member)
  }
  counted.count = counted.members.size
  return counted.count - before
}

/** The comparison with the lowest score; undefined where none is known. */
function compare(
  counted: DayCount,
  groups: ReadonlyMap<string, GroupDays>,
  { key, baseline }: { readonly key: string; readonly baseline: Baseline },
): Omit<Compared, 'daysOver'> | undefined {
  let lowest: Omit<Compared, 'daysOver'> | undefined
  for (const [name, group] of groups) {
    if (!counted.scales.has(name))
      counted.scales.set(name, group.scaleWithout(key, baseline.agentDays))
    const scale = counted.scales.get(name)
    if (scale === undefined) continue
    const score = robustScore(counted.count, scale, baseline.floor)
    if (lowest === undefined || score < lowest.score) lowest = { group: name, ...scale, score }
  }
  return lowest
}
