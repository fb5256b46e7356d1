/** What is asked of an answer, or of a window of one, between its masking and its record. */
import type { Exchange } from './exchange.ts'
import { addLookups } from './lookups.ts'
import { RefusedError } from './refused.ts'
import { payReveals } from './reveals.ts'
import { refuseRevoked } from './revoked.ts'
import type { Services } from './services.ts'

/** Throws {@link RefusedError} where it must not leave: look-ups over a threshold, a budget that is spent, a revoked token. */
export async function settle(exchange: Exchange, services: Services): Promise<void> {
  refuseRevoked(exchange, services)
  if (await addLookups(exchange, services)) throw new RefusedError('lookups-exceeded')
  await payReveals(exchange, services)
}
