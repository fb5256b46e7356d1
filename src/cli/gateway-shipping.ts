/** Shipping by the gateway itself: from the audit that it writes, to where the policy's shipping file leads. */
import { hostname } from 'node:os'
import { systemClock } from '../core/clock.ts'
import { systemRandom } from '../core/random.ts'
import { createShippingMetrics } from '../shipping/shipping-metrics.ts'
import { createShippingService, type ShippingService } from '../shipping/shipping-service.ts'
import type { ShippingLog } from '../shipping/shipping-log.ts'
import type { CommandIo } from './command.ts'
import { shipSources } from './ship-sources.ts'
import type { StorePlace } from './stores.ts'
import { version } from './version.ts'

/** Ships nothing until it is given a plan. */
export function gatewayShipping(
  place: StorePlace,
  { stdout }: CommandIo,
  log: ShippingLog,
): ShippingService {
  return createShippingService({
    openSource: (sink, plan) =>
      shipSources({
        place,
        plan,
        state: undefined,
        start: { at: 'oldest' },
        restart: false,
        follow: true,
      })(sink),
    tools: { clock: systemClock, stdout, productVersion: version(), hostname: hostname() },
    metrics: createShippingMetrics(systemClock.nowMs),
    log,
    clock: systemClock,
    random: systemRandom,
  })
}
