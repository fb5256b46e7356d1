/** A source of records in memory, for tests of what is done with them: it keeps what it is told. */
import { AuditUnavailableError } from '../../../src/audit/errors.ts'
import type { AuditRecord } from '../../../src/core/audit-record.ts'
import type { Delivery, RecordSource } from '../../../src/shipping/record-source.ts'
import { asIfRead } from './read-records.ts'

export interface MemorySource extends RecordSource {
  /** Numbers of the records that were acknowledged, in the order in which they were. */
  readonly acknowledged: readonly number[]
  readonly aside: readonly (readonly [number: number, reason: string])[]
  /** The next so many calls of `acknowledge` fail. */
  failAcknowledge: number
  /** The next so many calls of `take` fail. */
  failTake: number
  holds: number
  holdEveryMs: number | undefined
  closed: number
}

/** The number of a delivery is its position. */
export function memorySource(records: readonly (AuditRecord | undefined)[]): MemorySource {
  const waiting: Delivery[] = records.map((record, index) => ({
    origin: 'memory',
    position: String(index),
    read: record && asIfRead(record),
    stored: [],
  }))
  const acknowledged: number[] = []
  const aside: (readonly [number, string])[] = []
  const unavailable = () => new AuditUnavailableError('The source is away')
  const source: MemorySource = {
    acknowledged,
    aside,
    failAcknowledge: 0,
    failTake: 0,
    holds: 0,
    holdEveryMs: undefined,
    closed: 0,
    take: async ({ recordsMax, wait, signal }) => {
      if (source.failTake > 0) {
        source.failTake -= 1
        throw unavailable()
      }
      const deliveries = waiting.splice(0, recordsMax)
      if (deliveries.length === 0 && wait) await pause(signal)
      return { deliveries, claimed: false, lost: 0 }
    },
    acknowledge: async (deliveries) => {
      if (source.failAcknowledge > 0) {
        source.failAcknowledge -= 1
        throw unavailable()
      }
      acknowledged.push(...deliveries.map(({ position }) => Number(position)))
    },
    hold: async () => void (source.holds += 1),
    putAside: async ({ position }, reason) => void aside.push([Number(position), reason]),
    lag: async () => ({
      waiting: waiting.length,
      pending: undefined,
      bytes: undefined,
      oldestMs: undefined,
      lost: 0,
    }),
    close: async () => void (source.closed += 1),
  }
  return source
}

async function pause(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  await new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true })
    setTimeout(resolve, 20).unref()
  })
}
