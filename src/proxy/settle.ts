/** What is asked of an answer, or of a window of one, between its masking and its record. */
import type { Exchange } from './exchange.ts'
import { addLookups } from './lookups.ts'
import { payReveals, refuseEndedGrant } from './reveals.ts'
import { refuseRevoked } from './revoked.ts'
import { refuseLeaking } from './self-test/breaker.ts'
import type { Services } from './services.ts'

/**
 * Throws {@link RefusedError} where it must not leave: look-ups over a threshold, a budget that is spent, a grant that is over, a
 * revoked token. `mask`: it must be masked anew, as {@link maskStrictly} has the exchange, and may leave then.
 */
export function settle(
  exchange: Exchange,
  services: Services,
): Promise<'stands' | 'mask'> | 'stands' {
  refuseLeaking(exchange, services)
  // The gateway is no agent: nothing of it is counted, revoked or paid for.
  if (exchange.selfTest !== undefined) return 'stands'
  refuseRevoked(exchange, services)
  refuseEndedGrant(exchange, services)
  const asksStores = services.policy.lookups.length > 0 || exchange.reveal !== undefined
  return asksStores ? settleWithStores(exchange, services) : 'stands'
}

async function settleWithStores(
  exchange: Exchange,
  services: Services,
): Promise<'stands' | 'mask'> {
  const lookups = await addLookups(exchange, services)
  // Nothing is revealed by what is masked anew.
  if (lookups === 'stands') await payReveals(exchange, services)
  // The counters may have been waited for.
  refuseRevoked(exchange, services)
  return lookups
}
