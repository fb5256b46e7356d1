/** Shipping for as long as a process runs: a plan can be replaced by another, whole or not at all. */
import { startShipper, type Shipper, type ShipperOptions } from './shipper.ts'
import type { ShipPlan } from './ship-file/plan.ts'

export type ShippingServiceOptions = Omit<ShipperOptions, 'plan' | 'once'>

export interface ShippingService {
  /**
   * Ends what is under way and goes on by another plan, or by none. Rejects where the other cannot be begun; then the one
   * before is at work again.
   */
  readonly use: (plan: ShipPlan | undefined) => Promise<void>
  /** Text for Prometheus; empty where nothing is shipped. */
  readonly metrics: () => Promise<string>
  /** What is wrong at the moment, one sentence for each sink that has a problem. */
  readonly problems: () => readonly string[]
  /** Twice is once. */
  readonly close: () => Promise<void>
}

/** What is under way when it ends has so long to be taken... */
const GRACE_MS = 5_000
/** ...and less where something waits for it; what is cut off is sent again. */
const REPLACE_GRACE_MS = 2_000

export function createShippingService(options: ShippingServiceOptions): ShippingService {
  let current: { readonly plan: ShipPlan; readonly shipper: Shipper } | undefined
  const stop = async (graceMs: number): Promise<void> => {
    const stopped = current
    current = undefined
    await stopped?.shipper.stop(graceMs)
    for (const { name } of stopped?.plan.sinks ?? []) options.metrics.forget(name)
  }
  const start = async (plan: ShipPlan): Promise<void> => {
    const shipper = await startShipper({ ...options, plan, once: false })
    current = { plan, shipper }
    options.log.info('shipping', { shipping: plan.sha256 })
    // Without `once` only a fault of ours ends it: then nothing is known to hold, and the process must not go on as if.
    shipper.done.catch((error: unknown) => {
      queueMicrotask(() => {
        throw error
      })
    })
  }
  const replace = async (plan: ShipPlan | undefined): Promise<void> => {
    const before = current?.plan
    if (plan?.fingerprint === before?.fingerprint) return
    await stop(REPLACE_GRACE_MS)
    if (plan === undefined) return
    try {
      await start(plan)
    } catch (error) {
      if (before !== undefined) await start(before)
      throw error
    }
  }
  let turn: Promise<void> = Promise.resolve()
  // One change at a time: two that are asked for at once would each stop what the other has started.
  const inTurn = (change: () => Promise<void>): Promise<void> => {
    const done = turn.then(change)
    turn = done.catch(() => undefined)
    return done
  }
  return {
    use: (plan) => inTurn(() => replace(plan)),
    metrics: async () => (current === undefined ? '' : options.metrics.text()),
    problems: () => current?.shipper.problems() ?? [],
    close: () => inTurn(() => stop(GRACE_MS)),
  }
}
