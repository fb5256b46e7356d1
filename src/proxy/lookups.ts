/**
 * Look-ups, per subject: what a request searches by is added before the upstream is asked, and counts whatever comes back; data
 * subjects are added from what the answer really exposed, while it is still held. A request that passes a blocking threshold
 * gets nothing.
 */
import { CounterUnavailableError } from '../detection/errors.ts'
import type { LookupState, LookupWindow } from '../detection/lookup-counter.ts'
import type { LookupRule } from '../rules/compiled-policy.ts'
import { subjectPseudonym } from './access-facts.ts'
import type { Exchange } from './exchange.ts'
import { RefusedError } from './refused.ts'
import type { Services } from './services.ts'
import { STORES_TOO_SLOW, withinStoreBudget } from './store-budget.ts'

/**
 * Adds the values that the request searches by, and asks whether a blocking rule for a class of the route is over its
 * threshold already: one step. True where one is: the upstream must not be asked.
 */
export async function askLookups(exchange: Exchange, services: Services): Promise<boolean> {
  const classes = exchange.match?.route.classes ?? new Set<string>()
  const asked = services.policy.lookups.flatMap((rule): CountedRule[] => {
    if (rule.distinct === 'searchTerm') return withMembers(rule, searchedTerms(exchange, rule))
    const blocks =
      rule.actions.includes('block') && rule.classes.values().some((name) => classes.has(name))
    return blocks ? [{ rule, members: [] }] : []
  })
  return count(exchange, services, asked)
}

/**
 * Adds the data subjects that the answer exposes; thresholds passed by that wait on the exchange for its next record.
 * True where a blocking rule is over its threshold: the answer must not leave.
 */
export async function addLookups(exchange: Exchange, services: Services): Promise<boolean> {
  const rules = services.policy.lookups.filter(({ distinct }) => distinct === 'dataSubject')
  const exposed = rules.flatMap((rule) =>
    withMembers(rule, exposedSubjects(exchange, rule, services)),
  )
  return count(exchange, services, exposed)
}

interface CountedRule {
  readonly rule: LookupRule
  readonly members: readonly string[]
}

function withMembers(rule: LookupRule, members: readonly string[]): CountedRule[] {
  return members.length === 0 ? [] : [{ rule, members }]
}

async function count(
  exchange: Exchange,
  services: Services,
  rules: readonly CountedRule[],
): Promise<boolean> {
  if (rules.length === 0) return false
  const windows = rules.map(({ rule, members }) => windowOf(exchange, rule, members))
  const states = await add(exchange, services, windows)
  const found = rules.map(({ rule }, index) => ({ rule, state: states[index] }))
  const passed = found.flatMap(({ rule, state }) =>
    state?.crossed === true ? [{ findingId: services.ids(), rule, observed: state.distinct }] : [],
  )
  exchange.crossings = [...exchange.crossings, ...passed]
  // A state that is missing is no permission.
  return found.some(
    ({ rule, state }) => rule.actions.includes('block') && state?.exceeded !== false,
  )
}

async function add(
  exchange: Exchange,
  services: Services,
  windows: readonly LookupWindow[],
): Promise<readonly LookupState[]> {
  try {
    return await withinStoreBudget(exchange, services, {
      work: () => services.counter.add(windows),
      late: () => new CounterUnavailableError(STORES_TOO_SLOW),
    })
  } catch (cause) {
    if (cause instanceof CounterUnavailableError)
      throw new RefusedError('counters-unavailable', { cause })
    throw cause
  }
}

function windowOf(exchange: Exchange, rule: LookupRule, members: readonly string[]): LookupWindow {
  const { subject } = exchange
  const key = JSON.stringify([rule.name, subject?.issuer, subject?.id])
  return { key, members, withinMs: rule.withinMs, over: rule.over }
}

function searchedTerms({ terms }: Exchange, { classes }: LookupRule): string[] {
  return terms.filter((term) => classes.has(term.class)).map(({ pseudonym }) => pseudonym)
}

function exposedSubjects(
  exchange: Exchange,
  rule: LookupRule,
  { auditPseudonymizer }: Services,
): string[] {
  if (auditPseudonymizer === undefined) return []
  return (exchange.report?.dataSubjects ?? []).flatMap(({ kind, id, exposed }) => {
    if (kind === undefined || id === undefined) return []
    if (!exposed.some((name) => rule.classes.has(name))) return []
    return [subjectPseudonym(auditPseudonymizer, kind, id)]
  })
}
