/** Counts what the listener refuses by itself, before there is a request: in the audit without a name, and in the metrics. */
import { REASONS } from '../core/reasons.ts'
import type { Reason } from '../core/reasons.ts'
import type { ListenerOptions } from './listener.ts'
import type { Services } from './services.ts'

/** What the listener is to tell of. */
export function listenerRefusals({
  refusals,
  metrics,
}: Pick<Services, 'refusals' | 'metrics'>): Pick<
  ListenerOptions,
  'onUnreadable' | 'onHandshakeFailed'
> {
  const count = (reason: Reason, status: number) => {
    refusals.add(reason)
    metrics.request(reason, status, 0)
  }
  return {
    onUnreadable: (status) => count('request-unreadable', status),
    onHandshakeFailed: () => count('handshake-failed', REASONS['handshake-failed'].status),
  }
}
