/** How many records a store makes durable in a second, and how long one takes: appended one by one, and many at a time. */
import { apiActivity } from '../../src/audit/api-activity.ts'
import { createChainWriter } from '../../src/audit/chain/chain-writer.ts'
import type { RecordStore } from '../../src/audit/record-store.ts'
import type { AuditRecord } from '../../src/core/audit-record.ts'
import { systemClock } from '../../src/core/clock.ts'
import { uuidV7 } from '../../src/core/ids.ts'
import { ACCESS } from '../../test/helpers/audit-facts.ts'

export interface StoreResult {
  readonly atOnce: number
  readonly perSecond: number
  /** Milliseconds of one append. */
  readonly p50: number
  readonly p99: number
}

/** Runs `atOnce` appenders for so long. The store is closed afterwards. */
export async function measureStore(
  store: RecordStore,
  atOnce: number,
  seconds: number,
): Promise<StoreResult> {
  const writer = createChainWriter({ store, clock: systemClock, ids: uuidV7, notes: console.error })
  const times: number[] = []
  const beganMs = performance.now()
  const endMs = beganMs + seconds * 1_000
  const appender = async (): Promise<void> => {
    for (let nowMs = performance.now(); nowMs < endMs;) {
      await writer.append([accessRecord()])
      const doneMs = performance.now()
      times.push(doneMs - nowMs)
      nowMs = doneMs
    }
  }
  await Promise.all(Array.from({ length: atOnce }, appender))
  const tookMs = performance.now() - beganMs
  await writer.close()
  times.sort((a, b) => a - b)
  const at = (part: number): number => times[Math.floor(times.length * part)] ?? Number.NaN
  return { atOnce, perSecond: (times.length / tookMs) * 1_000, p50: at(0.5), p99: at(0.99) }
}

function accessRecord(): AuditRecord {
  return apiActivity({ ...ACCESS, id: uuidV7(), timeMs: systemClock.nowMs() })
}
