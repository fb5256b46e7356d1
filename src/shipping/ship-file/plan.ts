/** A shipping file with everything resolved: what each sink gets, how, and how to make it. */
import type { Writable } from 'node:stream'
import type { AuditRecord } from '../../core/audit-record.ts'
import type { Clock } from '../../core/clock.ts'
import type { CourierOptions } from '../courier-options.ts'
import type { Sink } from '../sink.ts'
import type { SinkKinds } from './document.ts'

/** What a sink may need beside its settings. */
export interface SinkTools {
  readonly clock: Clock
  readonly stdout: Writable
  /** Version of this program. */
  readonly productVersion: string
  /** Name of this machine. */
  readonly hostname: string
}

export interface SinkPlan extends Pick<
  CourierOptions,
  'batch' | 'backoff' | 'refusalsMax' | 'lateAfterMs'
> {
  readonly name: string
  readonly kind: keyof SinkKinds
  readonly accepts: (record: AuditRecord) => boolean
  /** The longest that one delivery may take. */
  readonly deliveryMsMax: number
  readonly open: (tools: SinkTools) => Sink
}

export interface ShipPlan {
  /** Consumer groups are named by this, a colon, and the sink. */
  readonly group: string
  /** What nobody has worked on for so long is taken over. */
  readonly takeOverAfterMs: number
  readonly deadLettersMax: number
  readonly sinks: readonly SinkPlan[]
  /** SHA-256 of the file's text, lower-case hex. */
  readonly sha256: string
  /** The same of the file with the PEM files that it names: what differs in any of them is another plan. */
  readonly fingerprint: string
}
