/** What an answer, or a window of one, counts for: by what it exposes, and of whom. */
import { MEMBERS_PER_CALL_MAX } from '../../detection/lookup-limits.ts'
import type { DataSubjectReport } from '../../rules/compiled-policy.ts'
import type { ClassExposure } from '../../core/audit-facts.ts'
import type { DetectionRule } from '../../rules/detect/detection-rule.ts'
import { subjectPseudonym } from '../access-facts.ts'
import type { Exchange } from '../exchange.ts'
import type { Services } from '../services.ts'
import { knownSince } from './before.ts'
import { windowOf } from './counted.ts'
import type { Counting, Owner } from './counted.ts'
import { baselineOf } from './day.ts'
import { agentMember, dataSubjectOwner, ownersOf } from './owners.ts'

/** The windows of one rule; none where the answer has nothing to do with it. */
export function countedAfter(
  rule: DetectionRule,
  exchange: Exchange,
  services: Services,
): readonly Counting[] {
  if (rule.per === 'dataSubject') return perDataSubject(rule, exchange, services)
  const owners = ownersOf(rule, exchange)
  if (rule.counts === 'firstClass') return firstLooks(rule, owners, exchange)
  const members = membersOf(rule, exchange, services)
  if (members.length === 0) return []
  const baseline = baselineOf(rule, exchange)
  if (rule.baseline !== undefined && baseline === undefined) return []
  return owners.map((owner) => {
    const window = windowOf(rule, owner, members)
    return { rule, owner, window: baseline === undefined ? window : { ...window, baseline } }
  })
}

function membersOf(rule: DetectionRule, exchange: Exchange, services: Services): readonly string[] {
  const { report, subject, requestId } = exchange
  switch (rule.counts) {
    case 'dataSubject':
    case 'trap':
      return exposedSubjects(rule, exchange, services).map(([pseudonym]) => pseudonym)
    case 'agent':
      return isExposed(rule, exchange) && subject !== undefined ? [agentMember(subject)] : []
    case 'requests':
      return rule.classes !== undefined && isExposed(rule, exchange) ? [requestId] : []
    case 'locations':
      return locations(rule, report?.classes ?? [], services)
    default:
      return []
  }
}

function perDataSubject(
  rule: DetectionRule,
  exchange: Exchange,
  services: Services,
): readonly Counting[] {
  const { subject, requestId } = exchange
  if (subject === undefined) return []
  return exposedSubjects(rule, exchange, services).map(([pseudonym, { classes }]) => {
    const owner = dataSubjectOwner(pseudonym)
    const members =
      rule.counts === 'agent'
        ? [agentMember(subject)]
        : rule.counts === 'requests'
          ? [requestId]
          : locations(rule, classes, services)
    return { rule, owner, window: windowOf(rule, owner, members) }
  })
}

function firstLooks(
  rule: DetectionRule,
  owners: readonly Owner[],
  { report }: Exchange,
): readonly Counting[] {
  const exposed = new Set((report?.dataSubjects ?? []).flatMap((entry) => entry.exposed))
  const classes = [...exposed].filter((name) => rule.classes?.has(name) === true)
  if (classes.length === 0) return []
  return owners.flatMap((owner) => [
    knownSince(rule, owner),
    ...classes.map((dataClass) => {
      const ofClass = { ...owner, key: [...owner.key, dataClass] }
      return { rule, owner, dataClass, window: windowOf(rule, ofClass, [dataClass]) }
    }),
  ])
}

function isExposed(rule: DetectionRule, { report }: Exchange): boolean {
  return (report?.dataSubjects ?? []).some((entry) => exposes(rule, entry))
}

function exposes(
  { classes, counts, traps }: DetectionRule,
  { kind = '', id = '', exposed }: DataSubjectReport,
): boolean {
  if (counts === 'trap' && traps.get(kind)?.has(id) !== true) return false
  return classes === undefined ? exposed.length > 0 : exposed.some((name) => classes.has(name))
}

function exposedSubjects(
  rule: DetectionRule,
  { report }: Exchange,
  { auditPseudonymizer }: Services,
): readonly (readonly [string, DataSubjectReport])[] {
  if (auditPseudonymizer === undefined) return []
  const found = new Map<string, DataSubjectReport>()
  for (const entry of report?.dataSubjects ?? []) {
    const { kind, id } = entry
    if (kind === undefined || id === undefined || !exposes(rule, entry)) continue
    found.set(subjectPseudonym(auditPseudonymizer, kind, id), entry)
  }
  return [...found]
}

// Each is one member of its own: what is shown twice counts twice.
function locations(
  { classes }: DetectionRule,
  exposures: readonly ClassExposure[],
  { ids }: Services,
): readonly string[] {
  const shown = exposures
    .filter((entry) => classes === undefined || classes.has(entry.class))
    .reduce((sum, entry) => sum + entry.shown + entry.revealed, 0)
  const name = ids()
  return Array.from({ length: Math.min(shown, MEMBERS_PER_CALL_MAX) }, (_, i) => `${name} ${i}`)
}
