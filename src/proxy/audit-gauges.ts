/** What metrics tell of the audit itself: asked at each scrape. */
import { Gauge } from 'prom-client'
import type { Registry } from 'prom-client'

/** Where the audit stands. Times are of the wall clock, in milliseconds; undefined: never yet. */
export interface AuditState {
  readonly checkpointMs: number | undefined
  readonly anchoredMs: number | undefined
  readonly spooledBytes: number
  /** When retention was last carried out. */
  readonly retentionMs: number | undefined
}

/** Registers the gauges. */
export function addAuditGauges(registry: Registry, state: () => AuditState): void {
  const gauge = (name: string, help: string, value: (state: AuditState) => number): void => {
    const made: Gauge = new Gauge({
      name,
      help,
      registers: [registry],
      collect: () => made.set(value(state())),
    })
  }
  gauge(
    'celosia_audit_checkpoint_timestamp_seconds',
    'When the chain of the audit was last signed; 0: not yet.',
    ({ checkpointMs = 0 }) => checkpointMs / 1000,
  )
  gauge(
    'celosia_audit_anchored_timestamp_seconds',
    'When all anchors last had the newest checkpoint; 0: not yet.',
    ({ anchoredMs = 0 }) => anchoredMs / 1000,
  )
  gauge(
    'celosia_audit_spooled_bytes',
    'Bytes of records that wait in the spool.',
    ({ spooledBytes }) => spooledBytes,
  )
  gauge(
    'celosia_audit_retention_timestamp_seconds',
    'When it was last seen to that old records go; 0: not yet.',
    ({ retentionMs = 0 }) => retentionMs / 1000,
  )
}
