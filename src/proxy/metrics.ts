/** Counters and histograms for Prometheus. Labels come from closed lists, so their number is bounded. */
import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { ClassExposure } from '../core/audit-facts.ts'
import { addAuditGauges } from './audit-gauges.ts'
import type { AuditState } from './audit-gauges.ts'
import type { Reason } from '../core/reasons.ts'
import { addSelfTestGauges } from './self-test/self-test-gauges.ts'
import type { SelfTestState } from './self-test/self-test-gauges.ts'

export interface Metrics {
  readonly request: (reason: Reason, status: number, durationMs: number) => void
  readonly exposures: (classes: readonly ClassExposure[]) => void
  readonly findings: (count: number) => void
  readonly policyLoaded: (ok: boolean, nowMs: number) => void
  /** Undefined: the policy in force has no self-test. */
  readonly selfTest: (state: SelfTestState | undefined) => void
  /** Text exposition format 0.0.4. */
  readonly text: () => Promise<string>
  readonly contentType: string
}

const DURATION_BUCKETS_S = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

const NO_AUDIT: AuditState = {
  checkpointMs: undefined,
  anchoredMs: undefined,
  spooledBytes: 0,
  retentionMs: undefined,
}

/** `heldBytes` and `audit` are asked at each scrape. */
export function createMetrics(
  heldBytes: () => number,
  audit: () => AuditState = () => NO_AUDIT,
): Metrics {
  const registry = new Registry()
  addAuditGauges(registry, audit)
  const registers = [registry]
  const requests = new Counter({
    name: 'celosia_requests_total',
    help: 'Requests by the reason of their outcome and the class of their status.',
    labelNames: ['reason', 'status'],
    registers,
  })
  const durations = new Histogram({
    name: 'celosia_request_duration_seconds',
    help: 'From the request line to the last byte handed over.',
    buckets: DURATION_BUCKETS_S,
    registers,
  })
  const locations = new Counter({
    name: 'celosia_locations_total',
    help: 'Classified locations that left, by class and form.',
    labelNames: ['class', 'form'],
    registers,
  })
  const findings = new Counter({
    name: 'celosia_findings_total',
    help: 'Findings raised.',
    registers,
  })
  const reloads = new Counter({
    name: 'celosia_policy_loads_total',
    help: 'Policies loaded or refused.',
    labelNames: ['result'],
    registers,
  })
  const loadedAt = new Gauge({
    name: 'celosia_policy_loaded_timestamp_seconds',
    help: 'When the policy in force was loaded.',
    registers,
  })
  const held: Gauge = new Gauge({
    name: 'celosia_held_bytes',
    help: 'Bytes of bodies held now.',
    registers,
    collect: () => held.set(heldBytes()),
  })
  return {
    request: (reason, status, durationMs) => {
      requests.inc({ reason, status: `${Math.floor(status / 100)}xx` })
      durations.observe(durationMs / 1000)
    },
    exposures: (classes) => {
      for (const entry of classes) {
        if (entry.shown > 0) locations.inc({ class: entry.class, form: 'shown' }, entry.shown)
        if (entry.masked > 0) locations.inc({ class: entry.class, form: 'masked' }, entry.masked)
        if (entry.revealed > 0)
          locations.inc({ class: entry.class, form: 'revealed' }, entry.revealed)
      }
    },
    findings: (count) => findings.inc(count),
    policyLoaded: (ok, nowMs) => {
      reloads.inc({ result: ok ? 'loaded' : 'refused' })
      if (ok) loadedAt.set(nowMs / 1000)
    },
    selfTest: addSelfTestGauges(registry),
    text: () => registry.metrics(),
    contentType: registry.contentType,
  }
}
