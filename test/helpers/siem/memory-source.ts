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
  /** What `lag` says. */
  oldestMs: number | undefined
  holds: number
  holdEveryMs: number | undefined
  /** What was taken and not acknowledged is given again, as after a crash. */
  readonly giveAgain: () => void
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
  let taken: Delivery[] = []
  const settle = (done: readonly Delivery[]): void =>
    void (taken = taken.filter((delivery) => !done.includes(delivery)))
  const acknowledged: number[] = []
  const aside: (readonly [number, string])[] = []
  const unavailable = () => new AuditUnavailableError('The source is away')
  const source: MemorySource = {
    acknowledged,
    aside,
    failAcknowledge: 0,
    failTake: 0,
    oldestMs: undefined,
    holds: 0,
    holdEveryMs: undefined,
    closed: 0,
    take: async ({ recordsMax, wait, signal }) => {
      if (source.failTake > 0) {
        source.failTake -= 1
        throw unavailable()
      }
      const deliveries = waiting.splice(0, recordsMax)
      taken.push(...deliveries)
      if (deliveries.length === 0 && wait) await pause(signal)
      return { deliveries, claimed: false, lost: 0 }
    },
    acknowledge: async (deliveries) => {
      if (source.failAcknowledge > 0) {
        source.failAcknowledge -= 1
        throw unavailable()
      }
      settle(deliveries)
      acknowledged.push(...deliveries.map(({ position }) => Number(position)))
    },
    hold: async () => void (source.holds += 1),
    putAside: async ({ position }, reason) => void aside.push([Number(position), reason]),
    lag: async () => ({
      waiting: waiting.length,
      pending: undefined,
      bytes: undefined,
      oldestMs: source.oldestMs,
      lost: 0,
    }),
    giveAgain: () => {
      waiting.unshift(...taken)
      taken = []
    },
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
