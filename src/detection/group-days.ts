/** What those of one group counted on past days and today, in memory: each at most once a day. */
import { GROUP_MEMBERS_MAX } from './lookup-limits.ts'
import { scaleOf } from './robust-score.ts'
import type { RobustScale } from './robust-score.ts'

/** The scale of what others counted, and of how many of their days it is. */
export interface OthersScale extends RobustScale {
  readonly agentDays: number
}

export class GroupDays {
  #day: number
  #today = new Map<string, number>()
  /** By day: what each counted. */
  readonly #past = new Map<number, ReadonlyMap<string, number>>()
  /** Of all past days together how often each count occurs. */
  #tally = new Map<number, number>()

  constructor(day: number) {
    this.#day = day
  }

  get day(): number {
    return this.#day
  }

  /** Closes a day that is over. Days that have not come yet are those of a clock that was wrong, and are forgotten. */
  turnTo(day: number, days: number): void {
    if (day === this.#day) return
    if (this.#day < day && this.#today.size > 0) this.#past.set(this.#day, this.#today)
    for (const one of this.#past.keys()) if (one >= day || one < day - days) this.#past.delete(one)
    this.#day = day
    this.#today = new Map()
    this.#tally = new Map()
    for (const counts of this.#past.values())
      for (const count of counts.values()) this.#tally.set(count, (this.#tally.get(count) ?? 0) + 1)
  }

  /** Undefined where there are too few days of others. */
  scaleWithout(member: string, agentDaysMin: number): OthersScale | undefined {
    const tally = new Map(this.#tally)
    for (const counts of this.#past.values()) {
      const own = counts.get(member)
      if (own !== undefined) tally.set(own, (tally.get(own) ?? 0) - 1)
    }
    const agentDays = tally.values().reduce((sum, times) => sum + times, 0)
    return agentDays < agentDaysMin ? undefined : { ...scaleOf(tally), agentDays }
  }

  /** What somebody counted today so far. */
  count(member: string, count: number): void {
    const before = this.#today.get(member)
    if (before === undefined && this.#today.size >= GROUP_MEMBERS_MAX) return
    this.#today.set(member, Math.max(before ?? 0, count))
  }
}
