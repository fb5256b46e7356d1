/**
 * The intent: before an unsafe request may reach the upstream, a record says durably who is about to do what. What became
 * of it is in the record of the outcome, which names the intent.
 */
import { apiActivity } from '../../audit/api-activity.ts'
import { AuditUnavailableError } from '../../audit/errors.ts'
import { accessFacts } from '../access-facts.ts'
import type { Exchange } from '../exchange.ts'
import { RefusedError } from '../refused.ts'
import type { Services } from '../services.ts'
import { STORES_TOO_SLOW, withinStoreBudget } from '../store-budget.ts'

/**
 * Records the intent of a request that writes. A read needs none, but is not made where its record could not be. Throws
 * {@link RefusedError} where it cannot be recorded in time.
 */
export function recordIntent(exchange: Exchange, services: Services): Promise<void> | undefined {
  if (exchange.match?.route.effect !== 'read') return record(exchange, services)
  if (services.audit.problem() !== undefined) throw new RefusedError('audit-unavailable')
  return undefined
}

async function record(exchange: Exchange, services: Services): Promise<void> {
  const { subject } = exchange
  if (subject === undefined) throw new RefusedError('internal-error')
  // Known before it is durable: a caller who goes away meanwhile leaves an outcome that belongs to it.
  exchange.intentId = services.ids()
  const facts = accessFacts(exchange, subject, { phase: 'intent' }, services)
  try {
    await withinStoreBudget(exchange, services, {
      work: () => services.audit.append([apiActivity(facts)]),
      late: () => new AuditUnavailableError(STORES_TOO_SLOW),
    })
  } catch (cause) {
    if (cause instanceof AuditUnavailableError)
      throw new RefusedError('audit-unavailable', { cause })
    throw cause
  }
}
