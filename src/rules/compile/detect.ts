/** Resolves the rules on who looks too much. */
import type { Counted, DetectionOwner, DetectionRule, WorkHours } from '../detect/detection-rule.ts'
import type { AssuranceLevel } from '../trust.ts'
import type { DetectDocument } from '../policy/detect-document.ts'
import type { PolicyDocument } from '../policy/document.ts'
import type { PolicyPath } from '../policy/fault.ts'
import { compileBaseline } from './baseline.ts'
import { expandClassPattern } from './classes.ts'
import type { Complaints } from './complaints.ts'
import { kindsOf } from './route-queries.ts'
import { spanOf } from './span.ts'
import { compileResponses } from './responses.ts'
import type { Responses } from './responses.ts'
import { checkTimeZone, compileHours } from './hours.ts'

/** Requests of one answer add so many locations at most, so that more could not be told apart. */
const LOCATIONS_OVER_MAX = 4_999
/** A chain is told among so many latest ids. */
const RUN_OVER_MAX = 500
const DAY_MS = 86_400_000

/** Once is too often. */
const WITHOUT_THRESHOLD: ReadonlySet<Counted> = new Set(['firstClass', 'trap'])

/** Whose windows can count what. */
const OWNERS: Readonly<Record<Counted, readonly DetectionOwner[]>> = {
  dataSubject: ['subject', 'role', 'session', 'address'],
  searchTerm: ['subject', 'role', 'session', 'address'],
  agent: ['role', 'address', 'dataSubject'],
  requests: ['subject', 'role', 'session', 'address', 'dataSubject'],
  locations: ['subject', 'role', 'session', 'address', 'dataSubject'],
  runOfIds: ['subject', 'role', 'session', 'address'],
  firstClass: ['subject', 'role'],
  trap: ['subject', 'role', 'session', 'address'],
}

/** What is wrong goes to `complaints`. */
export function compileDetection(
  document: PolicyDocument,
  levels: ReadonlyMap<string, AssuranceLevel>,
  complaints: Complaints,
): readonly DetectionRule[] {
  const seen = new Set<string>()
  return (document.detect ?? []).map((rule, index) => {
    const path = ['detect', index]
    if (seen.has(rule.name))
      complaints.add([...path, 'name'], `the rule \`${rule.name}\` stands twice`)
    seen.add(rule.name)
    return {
      ...compileRule(document, rule, path, complaints),
      ...compileResponses(rule, path, levels, complaints),
    }
  })
}

function compileRule(
  document: PolicyDocument,
  rule: DetectDocument,
  path: PolicyPath,
  complaints: Complaints,
): Omit<DetectionRule, keyof Responses> {
  const { per = 'subject', count, rearm, outside, whenUnknown = 'refuse' } = rule
  const counts = countedOf(rule, path, complaints)
  const isFree = WITHOUT_THRESHOLD.has(counts) || count.baseline !== undefined
  const over = isFree ? 0 : (count.over ?? 1)
  const baseline = compileBaseline(rule, counts, path, complaints)
  const withinMs =
    count.within === undefined
      ? (baseline?.of ?? 0) * DAY_MS
      : spanOf([...path, 'count', 'within'], count.within, complaints)
  checkRule({ document, rule, counts, over }, path, complaints)
  return {
    name: rule.name,
    per,
    classes: rule.classes && classesOf(document, rule.classes, [...path, 'classes'], complaints),
    routes: rule.routes && routesOf(document, rule.routes, [...path, 'routes'], complaints),
    effects: rule.effect && new Set(rule.effect),
    purposes: rule.purpose && purposesOf(document, rule.purpose, [...path, 'purpose'], complaints),
    outside: outside && workHours(outside, [...path, 'outside'], complaints),
    counts,
    traps: new Map(Object.entries(count.traps ?? {}).map(([kind, ids]) => [kind, new Set(ids)])),
    baseline,
    over,
    withinMs,
    rearm: rearm ?? over,
    cooldownMs:
      rule.cooldown === undefined ? 0 : spanOf([...path, 'cooldown'], rule.cooldown, complaints),
    afterMs:
      count.after === undefined
        ? withinMs
        : spanOf([...path, 'count', 'after'], count.after, complaints),
    whenUnknown,
  }
}

function countedOf({ count }: DetectDocument, path: PolicyPath, complaints: Complaints): Counted {
  const given: Counted[] = [
    ...(count.distinct === undefined ? [] : [count.distinct]),
    ...(count.sum === undefined ? [] : [count.sum]),
    ...(count.run === undefined ? [] : (['runOfIds'] as const)),
    ...(count.first === undefined ? [] : (['firstClass'] as const)),
    ...(count.traps === undefined ? [] : (['trap'] as const)),
  ]
  const [counted = 'requests'] = given
  if (given.length !== 1)
    complaints.add(
      [...path, 'count'],
      'a rule counts exactly one of `distinct`, `sum`, `run`, `first` and `traps`',
    )
  return counted
}

interface Checked {
  readonly document: PolicyDocument
  readonly rule: DetectDocument
  readonly counts: Counted
  readonly over: number
}

function checkRule(
  { document, rule, counts, over }: Checked,
  path: PolicyPath,
  complaints: Complaints,
): void {
  const { per = 'subject', count, rearm, then: actions } = rule
  const at = (...steps: readonly string[]) => [...path, ...steps]
  if (!OWNERS[counts].includes(per))
    complaints.add(
      rule.per === undefined ? at('count') : at('per'),
      `what is counted here cannot be counted per ${per}`,
      `per can be ${OWNERS[counts].join(', ')}`,
    )
  const isFirst = counts === 'firstClass'
  const isFree = WITHOUT_THRESHOLD.has(counts)
  if (count.baseline === undefined && count.within === undefined)
    complaints.add(at('count'), 'there is no window', 'add `within`')
  if (count.baseline === undefined && isFree === (count.over !== undefined))
    complaints.add(
      at('count'),
      isFree ? 'a first look, or a trap, has no threshold' : 'there is no threshold',
      isFree ? 'leave `over` out' : 'add `over`',
    )
  if (count.after !== undefined && !isFirst)
    complaints.add(at('count', 'after'), '`after` is for `first` alone')
  if (isFirst && (rearm !== undefined || rule.cooldown !== undefined))
    complaints.add(at('count'), 'a first look has neither `rearm` nor `cooldown`')
  if (isFirst && actions.some((action) => action !== 'flag' && action !== 'notify'))
    complaints.add(at('then'), 'a first look can only be flagged, and notified of')
  if (count.baseline === undefined && rearm !== undefined && rearm > over)
    complaints.add(at('rearm'), '`rearm` is not above the threshold')
  const overMax = { locations: LOCATIONS_OVER_MAX, runOfIds: RUN_OVER_MAX }[counts as string]
  if (overMax !== undefined && over > overMax)
    complaints.add(at('count', 'over'), `the threshold is at most ${overMax} here`)
  const needsClasses = counts === 'searchTerm' || isFirst
  if (needsClasses && rule.classes === undefined)
    complaints.add(at('count'), 'what is counted here needs `classes`')
  if (counts === 'trap') checkTraps(document, rule, path, complaints)
  if (counts === 'runOfIds' && rule.classes !== undefined)
    complaints.add(at('classes'), 'ids in a path are of no class: name `routes` instead')
  if (counts === 'runOfIds' && document.keys?.audit === undefined)
    complaints.add(
      at('count', 'run'),
      'ids are counted as keyed pseudonyms, and there is no key',
      'add keys: { audit: { version: 1, env: CELOSIA_AUDIT_KEY } }',
    )
}

function checkTraps(
  { routes }: PolicyDocument,
  { classes, count }: DetectDocument,
  path: PolicyPath,
  complaints: Complaints,
): void {
  if (classes !== undefined)
    complaints.add([...path, 'classes'], 'a trap is one whatever is looked at')
  const kinds = routes.flatMap(kindsOf)
  for (const kind of Object.keys(count.traps ?? {}))
    complaints.requireKnownKey([...path, 'count', 'traps', kind], 'kind of data subject', kinds)
}

function classesOf(
  document: PolicyDocument,
  patterns: readonly string[],
  path: PolicyPath,
  complaints: Complaints,
): ReadonlySet<string> {
  const names = Object.keys(document.classes)
  const classes = new Set<string>()
  for (const [position, pattern] of patterns.entries()) {
    const found = expandClassPattern(pattern, names)
    if (found.length === 0) complaints.requireKnown([...path, position], 'class', pattern, names)
    for (const name of found) classes.add(name)
  }
  return classes
}

function routesOf(
  { routes }: PolicyDocument,
  named: readonly string[],
  path: PolicyPath,
  complaints: Complaints,
): ReadonlySet<string> {
  const known = routes.map(({ match }) => match)
  for (const [position, name] of named.entries())
    complaints.requireKnown([...path, position], 'route', name, known)
  return new Set(named)
}

function purposesOf(
  { purposes = {} }: PolicyDocument,
  named: readonly string[],
  path: PolicyPath,
  complaints: Complaints,
): ReadonlySet<string> {
  for (const [position, name] of named.entries())
    complaints.requireKnown([...path, position], 'purpose', name, Object.keys(purposes))
  return new Set(named)
}

function workHours(
  outside: NonNullable<DetectDocument['outside']>,
  path: PolicyPath,
  complaints: Complaints,
): WorkHours {
  const { timeZone = 'UTC' } = outside
  checkTimeZone([...path, 'timeZone'], timeZone, complaints)
  return { ...compileHours(path, outside, complaints), timeZone }
}
