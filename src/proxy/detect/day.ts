/** How the count of a day is compared with those of others who have the same role: one window, and a group for each role. */
import type { ComparedFacts } from '../../core/finding-facts.ts'
import type { Baseline, Compared } from '../../detection/lookup-counter.ts'
import { GROUPS_MAX } from '../../detection/lookup-limits.ts'
import type { DetectionRule } from '../../rules/detect/detection-rule.ts'
import { offsetMsAt } from '../../rules/reveal/local-time.ts'
import type { Exchange } from '../exchange.ts'

/** Undefined where the rule compares nothing, or there is nobody to compare with: who has no role. */
export function baselineOf(
  { baseline, name, counts }: DetectionRule,
  exchange: Exchange,
): Baseline | undefined {
  if (baseline === undefined) return undefined
  const { measure, timeZone, ...rest } = baseline
  const groups = comparedRoles(exchange).map((role) => JSON.stringify([name, measure, role]))
  if (groups.length === 0) return undefined
  const offsetMs = offsetMsAt(exchange.timeMs, timeZone)
  return { ...rest, groups, offsetMs, plain: counts === 'locations' }
}

/** The comparison in the words of the policy. */
export function comparedDay(
  { group, ...numbers }: Compared,
  baseline: Baseline,
  exchange: Exchange,
): ComparedFacts {
  const { over, floor, on, of } = baseline
  const role = comparedRoles(exchange)[baseline.groups.indexOf(group)] ?? ''
  const most = Math.floor(numbers.median + (over * Math.max(numbers.mad, floor)) / 0.6745)
  return { ...numbers, role, scoreMax: over, countMax: Math.max(0, most), on, of }
}

// The same for each request of theirs, whatever the order of a token.
function comparedRoles({ roles }: Exchange): readonly string[] {
  return [...new Set(roles)].toSorted().slice(0, GROUPS_MAX)
}
