/** Counters and gauges of shipping for Prometheus. Labels are names of sinks, and words of closed lists. */
import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { FailureKind } from './delivery-error.ts'
import type { AsideReason, SourceLag } from './record-source.ts'

/** What one courier tells. */
export interface CourierMetrics {
  readonly delivered: (records: number, bytes: number, durationMs: number) => void
  readonly filtered: (records: number) => void
  readonly truncated: () => void
  readonly claimed: (records: number) => void
  readonly lost: (records: number) => void
  readonly aside: (reason: AsideReason) => void
  /** `source`: the audit itself could not be read or acknowledged. */
  readonly failure: (kind: FailureKind | 'source') => void
  readonly blocked: (blocked: boolean) => void
  readonly late: (late: boolean) => void
  readonly lag: (lag: SourceLag) => void
}

export interface ShippingMetrics {
  readonly courier: (sink: string) => CourierMetrics
  /** A sink that is no more has no state; what was counted stays. */
  readonly forget: (sink: string) => void
  /** Text exposition format 0.0.4. */
  readonly text: () => Promise<string>
  readonly contentType: string
}

const DURATION_BUCKETS_S = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

/** `nowMs` is the wall clock. */
export function createShippingMetrics(nowMs: () => number): ShippingMetrics {
  const registry = new Registry()
  const counters = createCounters(registry)
  const gauges = createGauges(registry)
  const durations = new Histogram({
    name: 'celosia_ship_delivery_duration_seconds',
    help: 'How long a batch took that the sink accepted.',
    labelNames: ['sink'],
    buckets: DURATION_BUCKETS_S,
    registers: [registry],
  })
  return {
    courier: (sink) => {
      for (const counter of [counters.delivered, counters.bytes, counters.lost])
        counter.inc({ sink }, 0)
      return {
        delivered: (records, bytes, durationMs) => {
          counters.delivered.inc({ sink }, records)
          counters.bytes.inc({ sink }, bytes)
          durations.observe({ sink }, durationMs / 1_000)
          gauges.lastDelivery.set({ sink }, nowMs() / 1_000)
        },
        filtered: (records) => counters.filtered.inc({ sink }, records),
        truncated: () => counters.truncated.inc({ sink }),
        claimed: (records) => counters.claimed.inc({ sink }, records),
        lost: (records) => counters.lost.inc({ sink }, records),
        aside: (reason) => counters.aside.inc({ sink, reason }),
        failure: (kind) => counters.failures.inc({ sink, kind }),
        blocked: (blocked) => gauges.blocked.set({ sink }, blocked ? 1 : 0),
        late: (late) => gauges.late.set({ sink }, late ? 1 : 0),
        lag: ({ waiting, pending, bytes, oldestMs }) => {
          if (waiting !== undefined) gauges.waiting.set({ sink }, waiting)
          if (pending !== undefined) gauges.pending.set({ sink }, pending)
          if (bytes !== undefined) gauges.bytes.set({ sink }, bytes)
          const ageMs = oldestMs === undefined ? 0 : Math.max(0, nowMs() - oldestMs)
          gauges.oldest.set({ sink }, ageMs / 1_000)
        },
      }
    },
    forget: (sink) => {
      for (const gauge of Object.values(gauges)) gauge.remove({ sink })
    },
    text: () => registry.metrics(),
    contentType: registry.contentType,
  }
}

function createCounters(registry: Registry) {
  const counter = <T extends string>(name: string, help: string, labelNames: readonly T[]) =>
    new Counter({ name: `celosia_ship_${name}_total`, help, labelNames, registers: [registry] })
  return {
    delivered: counter('delivered', 'Records that a sink has taken.', ['sink']),
    bytes: counter('bytes', 'Bytes of the records that a sink has taken.', ['sink']),
    filtered: counter('filtered', 'Records that the filter of a sink left out.', ['sink']),
    truncated: counter('truncated', 'Records that lost detail to fit.', ['sink']),
    claimed: counter('claimed', 'Records taken over from a shipper that had died.', ['sink']),
    lost: counter('lost', 'Records that were deleted before they were delivered.', ['sink']),
    aside: counter('dead_letters', 'Records put aside, by reason.', ['sink', 'reason']),
    failures: counter('failures', 'Attempts that failed, by kind.', ['sink', 'kind']),
  }
}

function createGauges(registry: Registry) {
  const gauge = (name: string, help: string) =>
    new Gauge({ name: `celosia_ship_${name}`, help, labelNames: ['sink'], registers: [registry] })
  return {
    blocked: gauge('blocked', '1 while the last attempt has failed.'),
    late: gauge('late', '1 while a record waits for longer than it may.'),
    lastDelivery: gauge('last_delivery_timestamp_seconds', 'When a sink last took something.'),
    waiting: gauge('lag_records', 'Records that were not read for a sink yet.'),
    pending: gauge('pending_records', 'Records that were read for a sink, not acknowledged.'),
    bytes: gauge('lag_bytes', 'Bytes of the journal that were not delivered yet.'),
    oldest: gauge('oldest_seconds', 'Age of the oldest record that is not delivered.'),
  }
}
