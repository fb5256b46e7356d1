/** What a request counts for before the upstream is asked: what it asks by, and for the time being whom it asks for. */
import type { DetectionRule } from '../../rules/detect/detection-rule.ts'
import type { Exchange } from '../exchange.ts'
import type { Services } from '../services.ts'
import { windowOf } from './counted.ts'
import type { Counting, Owner } from './counted.ts'
import { baselineOf } from './day.ts'
import { dataSubjectOwner, ownersOf } from './owners.ts'
import { pathIds, pathSubjects } from './path-ids.ts'

/** Stands in the window of a first look for each request of its owner. */
const SEEN = 'seen'

/** The windows of one rule. One without members only asks whether its threshold is passed. */
export function countedBefore(
  rule: DetectionRule,
  exchange: Exchange,
  services: Services,
): readonly Counting[] {
  if (rule.per === 'dataSubject') {
    return asks(rule, exchange)
      ? counting(rule, pathSubjects(exchange, services).map(dataSubjectOwner), [])
      : []
  }
  const owners = ownersOf(rule, exchange)
  if (rule.baseline !== undefined) return ofDay(rule, owners, exchange)
  switch (rule.counts) {
    case 'searchTerm': {
      const terms = exchange.terms.filter((term) => rule.classes?.has(term.class) === true)
      const members = terms.map(({ pseudonym }) => pseudonym)
      return members.length === 0 ? [] : counting(rule, owners, members)
    }
    case 'runOfIds':
      return countingRuns(rule, owners, exchange, services)
    case 'firstClass':
      return owners.map((owner) => knownSince(rule, owner))
    case 'trap': {
      const members = pathSubjects(exchange, services, rule.traps)
      return members.length > 0 || asks(rule, exchange) ? counting(rule, owners, members) : []
    }
    case 'requests':
      if (rule.classes === undefined) return counting(rule, owners, [exchange.requestId])
      break
    case 'dataSubject':
      if (rule.actions.includes('block') && asks(rule, exchange))
        return holding(rule, owners, exchange, services)
      break
    default:
  }
  return asks(rule, exchange) ? counting(rule, owners, []) : []
}

/** The window that says since when the owner of a first look is known. */
export function knownSince(rule: DetectionRule, owner: Owner): Counting {
  const window = { ...windowOf(rule, owner, [SEEN]), over: 1, rearm: 1, quiet: true }
  return { rule, owner, window, knows: true }
}

function counting(
  rule: DetectionRule,
  owners: readonly Owner[],
  members: readonly string[],
): Counting[] {
  return owners.map((owner) => ({ rule, owner, window: windowOf(rule, owner, members) }))
}

function ofDay(rule: DetectionRule, owners: readonly Owner[], exchange: Exchange): Counting[] {
  const counts = rule.counts === 'requests' && rule.classes === undefined
  if (!counts && !asks(rule, exchange)) return []
  const baseline = baselineOf(rule, exchange)
  const members = counts ? [exchange.requestId] : []
  return baseline === undefined
    ? []
    : counting(rule, owners, members).map((one) => ({
        ...one,
        window: { ...one.window, baseline },
      }))
}

function countingRuns(
  rule: DetectionRule,
  owners: readonly Owner[],
  exchange: Exchange,
  services: Services,
): Counting[] {
  const ids = pathIds(exchange, services)
  if (ids.length === 0 && !asks(rule, exchange)) return []
  const near = ids.map((id) => id.near)
  const members = ids.map(({ member }) => member)
  return counting(rule, owners, members).map((one) => ({
    ...one,
    window: { ...one.window, near },
  }))
}

// Who cannot see anything of the classes does not look anybody up, and only asks.
function holding(
  rule: DetectionRule,
  owners: readonly Owner[],
  exchange: Exchange,
  services: Services,
): Counting[] {
  const exposable = exchange.masking?.exposable ?? new Set()
  const sees = rule.classes === undefined || rule.classes.values().some((one) => exposable.has(one))
  const members = sees && exposable.size > 0 ? pathSubjects(exchange, services) : []
  return counting(rule, owners, members).map((one) => ({
    ...one,
    window: { ...one.window, hold: true },
  }))
}

/** Whether the rule has a say before the answer: it does more than telling, and the route can hold what it is about. */
function asks(rule: DetectionRule, { match }: Exchange): boolean {
  if (rule.actions.every((action) => action === 'flag' || action === 'notify')) return false
  const classes = match?.route.classes ?? new Set()
  return rule.classes === undefined || rule.classes.values().some((name) => classes.has(name))
}
