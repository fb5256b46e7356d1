/** Entries of a stream as Redis gives them, and the deliveries that they are. */
import { recordOfEntry } from '../../audit/record-codec.ts'
import type { Delivery } from '../record-source.ts'

/** An entry as ioredis gives it; `null` instead of the fields where it was deleted. */
export type Entry = readonly [id: string, fields: readonly string[] | null]

/** The delivery of an entry; none where it was deleted. */
export function deliveriesOf(origin: string, [position, stored]: Entry): readonly Delivery[] {
  return stored === null ? [] : [{ origin, position, read: recordOfEntry(stored), stored }]
}

/** Ids by stream, in their order. */
export function byOrigin(deliveries: readonly Delivery[]): ReadonlyMap<string, readonly string[]> {
  const ids = new Map<string, string[]>()
  for (const { origin, position } of deliveries) {
    const some = ids.get(origin)
    if (some === undefined) ids.set(origin, [position])
    else some.push(position)
  }
  return ids
}
