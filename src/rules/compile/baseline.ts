/** Resolves what a count of a day is compared with. */
import { createHash } from 'node:crypto'
import type { Counted, RoleBaseline } from '../detect/detection-rule.ts'
import type { DetectDocument } from '../policy/detect-document.ts'
import type { PolicyPath } from '../policy/fault.ts'
import type { Complaints } from './complaints.ts'
import { checkTimeZone } from './hours.ts'

const COUNTED: ReadonlySet<Counted> = new Set(['dataSubject', 'requests', 'locations'])
const DAYS = 28
const FLOOR = 2

/** Undefined where the rule has none. What is wrong goes to `complaints`. */
export function compileBaseline(
  rule: DetectDocument,
  counts: Counted,
  path: PolicyPath,
  complaints: Complaints,
): RoleBaseline | undefined {
  const { baseline } = rule.count
  if (baseline === undefined) return undefined
  const { over, days = DAYS, agentDays = 3 * days, floor = FLOOR, on = 1, of = on } = baseline
  const { timeZone = 'UTC' } = baseline
  const at = [...path, 'count', 'baseline']
  checkRest(rule, counts, path, complaints)
  if (agentDays <= days)
    complaints.add(
      [...at, 'agentDays'],
      'one other could make the past of a role alone',
      `agentDays is more than days, ${days}`,
    )
  if (of < on) complaints.add([...at, 'of'], 'there are fewer days than must be too much')
  checkTimeZone([...at, 'timeZone'], timeZone, complaints)
  return { measure: measureOf(rule), over, days, agentDays, floor, on, of, timeZone }
}

function checkRest(
  { per = 'subject', count, rearm }: DetectDocument,
  counts: Counted,
  path: PolicyPath,
  complaints: Complaints,
): void {
  if (!COUNTED.has(counts))
    complaints.add(
      [...path, 'count'],
      'what is counted here cannot be compared with a role',
      'count dataSubject, requests or locations',
    )
  if (per !== 'subject')
    complaints.add([...path, 'per'], 'one agent is compared with a role', 'leave `per` out')
  for (const name of ['over', 'within', 'after'] as const)
    if (count[name] !== undefined)
      complaints.add([...path, 'count', name], `a baseline has no \`${name}\` beside it`)
  if (rearm !== undefined)
    complaints.add([...path, 'rearm'], 'a baseline has no threshold to be back at')
}

// What the rule is called, and what follows, plays no part in what it counts.
function measureOf({ classes, routes, effect, purpose, outside, count }: DetectDocument): string {
  const sorted = [classes, routes, effect, purpose].map((some) => some?.toSorted() ?? null)
  const { distinct = null, sum = null, baseline } = count
  const parts = [sorted, outside ?? null, distinct, sum, baseline?.timeZone ?? null]
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url')
}
