/** Rules whose count is not known: each is told once in a while, not with every request. */
import type { Clock } from '../../core/clock.ts'
import type { Services } from '../services.ts'
import type { Counting, Crossing } from './counted.ts'

/** A finding for each rule so often, for as long as the counters are away. */
const EVERY_MS = 60_000
/** Rules remembered: as many as a policy can have, and those of the one before. */
const RULES_MAX = 128

export interface UnknownRules {
  /** True where it is time to tell of this rule, which is then told. */
  readonly isDue: (rule: string) => boolean
}

/** What is told of the rules of these countings, where it is time to. */
export function unknownCrossings(
  countings: readonly Counting[],
  { ids, unknownRules }: Pick<Services, 'ids' | 'unknownRules'>,
): readonly Crossing[] {
  const rules = new Set(countings.map(({ rule }) => rule))
  return [...rules]
    .filter((rule) => unknownRules.isDue(rule.name))
    .map((rule) => ({
      findingId: ids(),
      rule,
      owner: undefined,
      classes: [...(rule.classes ?? [])],
      observed: undefined,
    }))
}

export function createUnknownRules(clock: Clock): UnknownRules {
  const toldMs = new Map<string, number>()
  return {
    isDue: (rule) => {
      const now = clock.monotonicMs()
      const last = toldMs.get(rule)
      if (last !== undefined && now - last < EVERY_MS) return false
      toldMs.delete(rule)
      toldMs.set(rule, now)
      const [oldest] = toldMs.keys()
      if (toldMs.size > RULES_MAX && oldest !== undefined) toldMs.delete(oldest)
      return true
    },
  }
}
