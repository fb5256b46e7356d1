/**
 * How long one exchange may wait for the stores in all: a request meets several of them one after the other (counters,
 * the record, the record of its refusal), and an answer that is withheld must still come within two seconds.
 */
import { withinTime } from '../core/within-time.ts'
import type { Exchange } from './exchange.ts'
import type { Services } from './services.ts'

/** What is left of promise P2's two seconds is for the way there and back. */
const STORE_WAIT_MS_MAX = 1_900

/** The message of what is thrown for lateness. */
export const STORES_TOO_SLOW = 'The stores took too long for one request together'

export interface StoreWork<T> {
  readonly work: () => Promise<T>
  /** What is thrown where the time of the exchange is up. */
  readonly late: () => Error
}

/** Does the work within the time that the exchange has left; where none is left it is not begun. */
export async function withinStoreBudget<T>(
  exchange: Exchange,
  { clock }: Services,
  { work, late }: StoreWork<T>,
): Promise<T> {
  const leftMs = STORE_WAIT_MS_MAX - exchange.storeWaitMs
  if (leftMs <= 0) throw late()
  const startedMs = clock.monotonicMs()
  try {
    return await withinTime(work(), leftMs, late)
  } finally {
    exchange.storeWaitMs += clock.monotonicMs() - startedMs
  }
}
