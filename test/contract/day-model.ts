/** The count of a day against those of others as its interface words it, slow and plain: every member of every day is kept. */
import type { Baseline, Compared } from '../../src/detection/lookup-counter.ts'

interface Said {
  readonly distinct: number
  readonly exceeded: boolean
  readonly crossed: boolean
  readonly compared: Omit<Compared, 'daysOver'> | undefined
}

/** Each window of one rule. Days may only go on. */
export class DayModel {
  /** By window, day and group: the members. */
  readonly #seen = new Map<string, Map<number, Map<string, Set<string>>>>()
  readonly #daysOver = new Map<string, Set<number>>()
  readonly #told = new Set<string>()
  readonly #baseline: Omit<Baseline, 'groups' | 'offsetMs'>

  constructor(baseline: Omit<Baseline, 'groups' | 'offsetMs'>) {
    this.#baseline = baseline
  }

  add(key: string, day: number, groups: readonly string[], members: readonly string[]): Said {
    const { over, on, of } = this.#baseline
    const today = this.#today(key, day)
    for (const member of members) this.#of(today, '').add(member)
    const count = this.#of(today, '').size
    if (members.length > 0)
      for (const group of groups) today.set(group, new Set(this.#of(today, '')))
    const scored = groups.flatMap((group) => this.#compare({ key, day, group, count }))
    const [lowest] = scored.toSorted((a, b) => a.score - b.score)
    const days = this.#daysOver.get(key) ?? new Set()
    if (lowest !== undefined && lowest.score > over) days.add(day)
    this.#daysOver.set(key, days)
    const exceeded = [...days].filter((one) => one > day - of).length >= on
    if (!exceeded) this.#told.delete(key)
    const crossed = exceeded && lowest !== undefined && !this.#told.has(key)
    if (crossed) this.#told.add(key)
    return { distinct: count, exceeded, crossed, compared: lowest }
  }

  #compare(asked: { key: string; day: number; group: string; count: number }) {
    const { days, agentDays, floor } = this.#baseline
    const { group, day, count } = asked
    const others: number[] = []
    for (const [key, byDay] of this.#seen) {
      if (key === asked.key) continue
      for (const [one, byGroup] of byDay) {
        const members = byGroup.get(group)
        if (one < day && one >= day - days && members !== undefined) others.push(members.size)
      }
    }
    if (others.length < agentDays) return []
    const median = medianOf(others)
    const mad = medianOf(others.map((value) => Math.abs(value - median)))
    const score = (0.6745 * (count - median)) / Math.max(mad, floor)
    return [{ group, median, mad, agentDays: others.length, score }]
  }

  #today(key: string, day: number): Map<string, Set<string>> {
    const byDay = this.#seen.get(key) ?? new Map<number, Map<string, Set<string>>>()
    this.#seen.set(key, byDay)
    const today = byDay.get(day) ?? new Map<string, Set<string>>()
    byDay.set(day, today)
    return today
  }

  #of(today: Map<string, Set<string>>, group: string): Set<string> {
    const members = today.get(group) ?? new Set<string>()
    today.set(group, members)
    return members
  }
}

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const half = sorted.length / 2
  const low = sorted[Math.ceil(half) - 1] ?? Number.NaN
  const high = sorted[Math.floor(half)] ?? Number.NaN
  return (low + high) / 2
}
