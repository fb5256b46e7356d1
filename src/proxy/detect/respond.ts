/** What is done about those who look too much: refused, slowed down, asked for more, or shown less. */
import { CounterUnavailableError } from '../../detection/errors.ts'
import type { LookupWindow } from '../../detection/lookup-counter.ts'
import type { DetectionAction } from '../../rules/detect/detection-rule.ts'
import type { Exchange } from '../exchange.ts'
import { RefusedError } from '../refused.ts'
import { schemeOf, stepUp } from '../request/challenge.ts'
import { checkSearches } from '../request/search.ts'
import type { Services } from '../services.ts'
import { STORES_TOO_SLOW, withinStoreBudget } from '../store-budget.ts'
import type { Counting } from './counted.ts'
import { unknownCrossings } from './unknown-rules.ts'

/**
 * Does what the rules say whose threshold is passed, before the upstream is asked. Throws {@link RefusedError} where it must not
 * be; else every response that could hold this request back has let it through.
 */
export async function respondToRequest(
  exchange: Exchange,
  services: Services,
  active: readonly Counting[],
): Promise<void> {
  if (has(active, 'block')) throw new RefusedError('lookups-exceeded')
  demandLogin(exchange, active)
  demandReason(exchange, active)
  await throttle(exchange, services, active)
  if (!has(active, 'mask') || exchange.maskedFor.length === 0) return
  maskStrictly(exchange)
  // Who sees nothing may not search by it either.
  checkSearches(exchange, services)
}

/** From now on the exchange is masked as for somebody without any role. Throws {@link RefusedError} where that cannot be. */
export function maskStrictly(exchange: Exchange): void {
  const route = exchange.match?.route
  if (route === undefined) throw new RefusedError('internal-error')
  // What an operation selects was judged for the roles.
  if (route.graphql !== undefined) throw new RefusedError('lookups-exceeded')
  exchange.masking = route.maskingFor([], [])
  exchange.maskedFor = []
  exchange.reasons = [...exchange.reasons, 'lookups-masked']
}

/** Whether one of the rules says so. */
export function has(active: readonly Counting[], action: DetectionAction): boolean {
  return active.some(({ rule }) => rule.actions.includes(action))
}

function demandLogin({ subject }: Exchange, active: readonly Counting[]): void {
  for (const { rule } of active) {
    const level = rule.stepUp
    if (level === undefined || subject === undefined || subject.assurance.has(level.name)) continue
    throw new RefusedError('assurance-insufficient', { headers: stepUp(schemeOf(subject), level) })
  }
}

function demandReason({ reveal }: Exchange, active: readonly Counting[]): void {
  if (reveal !== undefined && reveal.request.reason === undefined && has(active, 'reason'))
    throw new RefusedError('reveal-reason-missing')
}

async function throttle(
  exchange: Exchange,
  services: Services,
  active: readonly Counting[],
): Promise<void> {
  for (const counting of active) {
    const { rule, owner } = counting
    if (rule.throttle === undefined) continue
    const { requests, withinMs } = rule.throttle
    const key = JSON.stringify(['throttle', rule.name, owner.kind, ...owner.key])
    const window = { key, members: [exchange.requestId], withinMs, over: requests }
    if (await fits(exchange, services, window, counting)) continue
    const seconds = Math.max(1, Math.ceil(withinMs / requests / 1_000))
    throw new RefusedError('lookups-throttled', { headers: { 'retry-after': String(seconds) } })
  }
}

async function fits(
  exchange: Exchange,
  services: Services,
  window: LookupWindow,
  counting: Counting,
): Promise<boolean> {
  try {
    const [state] = await withinStoreBudget(exchange, services, {
      work: () => services.counter.reserve([window]),
      late: () => new CounterUnavailableError(STORES_TOO_SLOW),
    })
    if (state?.lost === true && !state.exceeded) return passesUnknown(exchange, services, counting)
    // A state that is missing is no permission.
    return state?.exceeded === false
  } catch (cause) {
    if (!(cause instanceof CounterUnavailableError)) throw cause
    return passesUnknown(exchange, services, counting, cause)
  }
}

function passesUnknown(
  exchange: Exchange,
  services: Services,
  counting: Counting,
  cause?: unknown,
): true {
  if (counting.rule.whenUnknown === 'refuse')
    throw new RefusedError('counters-unavailable', { cause })
  exchange.crossings = [...exchange.crossings, ...unknownCrossings([counting], services)]
  return true
}
