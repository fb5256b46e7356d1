/** What is to be done with records that were taken, in their order: sent in groups, left out, or put aside. */
import { setImmediate } from 'node:timers/promises'
import type { AuditRecord } from '../core/audit-record.ts'
import type { AsideReason, Delivery } from './record-source.ts'
import type { Payload, Sink } from './sink.ts'

/** A record that is ready to be sent, and its place among those that were taken. */
export interface Ready {
  readonly index: number
  readonly payload: Payload
  readonly bytes: number
}

export type Step =
  | { readonly kind: 'send'; readonly group: readonly Ready[] }
  | { readonly kind: 'aside'; readonly index: number; readonly reason: AsideReason }

export interface Plan {
  readonly steps: readonly Step[]
  /** How many the filter left out, and how many lost detail. */
  readonly filtered: number
  readonly truncated: number
}

export interface PlanOptions {
  readonly accepts: (record: AuditRecord) => boolean
  readonly encode: Sink['encode']
  /** Of one group. */
  readonly recordsMax: number
  /** Of one group; a single larger record goes alone. */
  readonly bytesMax: number
}

/** So many records are printed in one go: the process may have requests to answer, too. */
const RECORDS_IN_A_GO = 25

/** The steps, in order. */
export async function planBatch(
  deliveries: readonly Delivery[],
  options: PlanOptions,
): Promise<Plan> {
  const steps: Step[] = []
  let group: Ready[] = []
  let groupBytes = 0
  let filtered = 0
  let truncated = 0
  const closeGroup = (): void => {
    if (group.length > 0) steps.push({ kind: 'send', group })
    group = []
    groupBytes = 0
  }
  const putAside = (index: number, reason: AsideReason): void => {
    closeGroup()
    steps.push({ kind: 'aside', index, reason })
  }
  for (const [index, { read }] of deliveries.entries()) {
    if (index > 0 && index % RECORDS_IN_A_GO === 0) await setImmediate()
    if (read === undefined) {
      putAside(index, 'unreadable')
      continue
    }
    if (!options.accepts(read.record)) {
      filtered += 1
      continue
    }
    const fitted = options.encode(read)
    if (fitted === undefined) {
      putAside(index, 'too-large')
      continue
    }
    if (fitted.truncated.length > 0) truncated += 1
    const bytes = Buffer.byteLength(fitted.text)
    const full = group.length >= options.recordsMax || groupBytes + bytes > options.bytesMax
    if (full) closeGroup()
    group.push({ index, payload: { id: read.record.id, text: fitted.text }, bytes })
    groupBytes += bytes
  }
  closeGroup()
  return { steps, filtered, truncated }
}
