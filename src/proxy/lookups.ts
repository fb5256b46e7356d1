/**
 * Look-ups of sensitive classes, per subject: asked before the upstream, added from what the answer really exposed. The
 * answer is still held when it is added, so a request that passes a blocking threshold gets nothing.
 */
import { CounterUnavailableError } from '../detection/errors.ts'
import type { LookupState, LookupWindow } from '../detection/lookup-counter.ts'
import type { LookupRule } from '../rules/compiled-policy.ts'
import { subjectPseudonym } from './access-facts.ts'
import type { Exchange } from './exchange.ts'
import { RefusedError } from './refused.ts'
import type { Services } from './services.ts'
import { STORES_TOO_SLOW, withinStoreBudget } from './store-budget.ts'

/** Whether a blocking rule for a class of the route is over its threshold already. */
export async function askLookups(exchange: Exchange, services: Services): Promise<boolean> {
  const classes = exchange.match?.route.classes ?? new Set<string>()
  const rules = services.policy.lookups.filter(
    (rule) => rule.actions.includes('block') && [...rule.classes].some((name) => classes.has(name)),
  )
  if (rules.length === 0) return false
  const states = await add(
    exchange,
    services,
    rules.map((rule) => windowOf(exchange, rule, [])),
  )
  return states.some((state) => state.exceeded)
}

/**
 * Adds the data subjects that the answer exposes; thresholds passed by that wait on the exchange for its next record.
 * True where a blocking rule is over its threshold: the answer must not leave.
 */
export async function addLookups(exchange: Exchange, services: Services): Promise<boolean> {
  const rules = services.policy.lookups
    .map((rule) => ({ rule, members: exposedSubjects(exchange, rule, services) }))
    .filter(({ members }) => members.length > 0)
  if (rules.length === 0) return false
  const states = await add(
    exchange,
    services,
    rules.map(({ rule, members }) => windowOf(exchange, rule, members)),
  )
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
