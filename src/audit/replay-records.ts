/** Puts records that are kept elsewhere into Redis: in the order of their chains, and none that is there already. */
import type { PlacedRecord } from './chain/envelope.ts'
import { ChainBrokenError } from './errors.ts'
import type { ReplayTarget } from './spool/spooled-store.ts'

export interface ReplayCount {
  /** Records that were looked at. */
  readonly records: number
  /** Records that the chains in Redis had not had yet. */
  readonly stored: number
  /** Batches that follow on records which are in neither place. */
  readonly gaps: number
}

const BATCH_RECORDS = 500

/** `records`: each writer's in order. Rejects with AuditUnavailableError; then it can be begun anew. */
export async function replayRecords(
  records: AsyncIterable<PlacedRecord>,
  target: ReplayTarget,
  progress: (records: number) => void,
): Promise<ReplayCount> {
  let batch: PlacedRecord[] = []
  let count = 0
  let stored = 0
  let gaps = 0
  const hand = async (): Promise<void> => {
    if (batch.length === 0) return
    try {
      stored += await target.replay(batch)
    } catch (error) {
      if (!(error instanceof ChainBrokenError)) throw error
      gaps += 1
      stored += await target.restore(batch)
    }
    count += batch.length
    progress(count)
    batch = []
  }
  for await (const record of records) {
    if (batch.length >= BATCH_RECORDS || batch[0]?.envelope.writer !== record.envelope.writer)
      await hand()
    batch.push(record)
  }
  await hand()
  return { records: count, stored, gaps }
}
