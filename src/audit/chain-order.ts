/** Puts records that are nearly in the order of their chains into that order, within a window. */
import type { PlacedRecord } from './chain/envelope.ts'

/** So many records of one writer are held back; one that comes later than that stays late. */
const WINDOW_RECORDS = 1_000
/** Writers whose records are held back at one time; of more, the oldest is let go. */
const WRITERS_MAX = 1_000

/** Each writer's records by their sequence. */
export async function* inChainOrder(
  records: AsyncIterable<PlacedRecord>,
): AsyncGenerator<PlacedRecord, void, undefined> {
  const held = new Map<string, PlacedRecord[]>()
  for await (const record of records) {
    const { writer } = record.envelope
    const mine = held.get(writer) ?? []
    held.set(writer, mine)
    mine.push(record)
    if (mine.length >= 2 * WINDOW_RECORDS) yield* sorted(mine).splice(0, WINDOW_RECORDS)
    const [oldest] = held
    if (held.size > WRITERS_MAX && oldest !== undefined) {
      held.delete(oldest[0])
      yield* sorted(oldest[1])
    }
  }
  for (const mine of held.values()) yield* sorted(mine)
}

function sorted(records: PlacedRecord[]): PlacedRecord[] {
  return records.sort((a, b) => a.envelope.sequence - b.envelope.sequence)
}
