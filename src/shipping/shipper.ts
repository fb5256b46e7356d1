/** All sinks of a shipping file at work, each with a source and a courier of its own: a slow one holds up no other. */
import type { Clock } from '../core/clock.ts'
import type { RandomSource } from '../core/random.ts'
import { Courier } from './courier.ts'
import type { CourierSignals } from './courier-options.ts'
import type { RecordSource } from './record-source.ts'
import type { ShipPlan, SinkPlan, SinkTools } from './ship-file/plan.ts'
import type { ShippingLog } from './shipping-log.ts'
import type { ShippingMetrics } from './shipping-metrics.ts'

export interface ShipperOptions {
  readonly plan: ShipPlan
  /** Opens what a sink gets its records from. */
  readonly openSource: (sink: SinkPlan, plan: ShipPlan) => Promise<RecordSource>
  readonly tools: SinkTools
  readonly metrics: ShippingMetrics
  readonly log: ShippingLog
  readonly clock: Clock
  readonly random: RandomSource
  /** True: end once nothing is left, and at the first failure. */
  readonly once: boolean
  /** How many records in a row may be put aside. Left out: ten. */
  readonly refusedInARowMax?: number
}

/** After so many that were put aside in a row it is taken to be the sink, and no longer the records. */
const REFUSED_IN_A_ROW_MAX = 10

export interface Shipper {
  /** What is wrong at the moment, one sentence for each sink that has a problem. */
  readonly problems: () => readonly string[]
  /** Settles once all sinks have ended: stopped, or, where `once` is true, done. Rejects where one has failed for good. */
  readonly done: Promise<void>
  /** Ends what is under way within `graceMs`, and waits for it. What is not acknowledged stays where it is. Never rejects. */
  readonly stop: (graceMs: number) => Promise<void>
}

/** Opens every source, and begins. Rejects, with everything closed again, where one cannot be opened. */
export async function startShipper(options: ShipperOptions): Promise<Shipper> {
  const { plan, openSource, once } = options
  const stopping = new AbortController()
  const cutting = new AbortController()
  const sources: RecordSource[] = []
  try {
    for (const sink of plan.sinks) sources.push(await openSource(sink, plan))
  } catch (error) {
    await Promise.allSettled(sources.map((source) => source.close()))
    throw error
  }
  const signals = { stopping: stopping.signal, cutting: cutting.signal, once }
  const lines = plan.sinks.map((sink, index) => {
    const source = sources[index]
    if (source === undefined) throw new Error('a sink without a source')
    const carried = carry(options, sink, source)
    return { name: sink.name, ...carried(signals) }
  })
  const all = Promise.all(lines.map(({ running }) => running))
  // One that has failed for good ends the others too: half of a delivery that looks whole helps nobody.
  const done = all.then(
    () => undefined,
    async (error: unknown) => {
      stopping.abort()
      await Promise.allSettled(lines.map(({ running }) => running))
      throw error
    },
  )
  done.catch(() => undefined)
  return {
    problems: () =>
      lines.flatMap(({ name, courier }) =>
        courier.problem === undefined ? [] : [`${name}: ${courier.problem}`],
      ),
    done,
    stop: async (graceMs) => {
      stopping.abort()
      const cut = setTimeout(() => cutting.abort(), graceMs)
      await done.catch(() => undefined)
      clearTimeout(cut)
    },
  }
}

function carry(options: ShipperOptions, plan: SinkPlan, source: RecordSource) {
  const { tools, metrics, log, clock, random } = options
  const { name } = plan
  const refusedInARowMax = options.refusedInARowMax ?? REFUSED_IN_A_ROW_MAX
  const sink = plan.open(tools)
  return (signals: CourierSignals) => {
    const courier = new Courier(
      {
        ...plan,
        refusedInARowMax,
        source,
        sink,
        metrics: metrics.courier(name),
        log,
        clock,
        random,
      },
      signals,
    )
    return { courier, running: carryToTheEnd(courier, [sink, source]) }
  }
}

async function carryToTheEnd(
  courier: Courier,
  ends: readonly { readonly close: () => Promise<void> }[],
): Promise<void> {
  try {
    await courier.run()
  } finally {
    await Promise.all(ends.map((end) => end.close()))
  }
}
