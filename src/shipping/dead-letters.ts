/**
 * Records that were put aside, to be sent once more. A box of dead letters is a source of records like any other: what is
 * acknowledged leaves the box, what is put aside again stays in it.
 */
import { sizeOf, type Delivery, type RecordSource } from './record-source.ts'

/** One record that was put aside. */
export interface DeadLetter {
  /** `origin` is the stream that the record is from, `position` the letter's place in the box. */
  readonly delivery: Delivery
  /** A word of `ASIDE_REASONS`. */
  readonly reason: string
  /** When it was put aside, ISO 8601; empty where nobody knows. */
  readonly at: string
}

/** All methods reject with AuditUnavailableError where the box cannot be read or written. */
export interface DeadLetterBox {
  /** The letters of one sink that are there now, oldest first. */
  readonly letters: () => AsyncGenerator<DeadLetter, void, undefined>
  /** Takes letters out of the box, for good. */
  readonly remove: (deliveries: readonly Delivery[]) => Promise<void>
  /** Releases everything. Twice is once. */
  readonly close: () => Promise<void>
}

export interface DeadLetterSource extends RecordSource {
  /** How many have left the box, and how many were left in it. */
  readonly counts: () => { readonly sent: number; readonly left: number }
}

/** With so many characters a batch is large enough. */
const TAKE_CHARACTERS_MAX = 8 * 1024 * 1024

/** The letters of a box, each given once. */
export function deadLetterSource(box: DeadLetterBox): DeadLetterSource {
  const letters = box.letters()
  // Put aside again: they are settled, and stay.
  const kept = new Set<Delivery>()
  let [sent, left] = [0, 0]
  return {
    counts: () => ({ sent, left }),
    take: async ({ recordsMax }) => {
      const deliveries: Delivery[] = []
      let size = 0
      while (deliveries.length < recordsMax && size < TAKE_CHARACTERS_MAX) {
        const next = await letters.next()
        if (next.done === true) break
        deliveries.push(next.value.delivery)
        size += sizeOf(next.value.delivery)
      }
      return { deliveries, claimed: false, lost: 0 }
    },
    acknowledge: async (deliveries) => {
      const gone = deliveries.filter((delivery) => !kept.has(delivery))
      if (gone.length > 0) await box.remove(gone)
      sent += gone.length
    },
    holdEveryMs: undefined,
    hold: () => Promise.resolve(),
    putAside: async (delivery) => {
      kept.add(delivery)
      left += 1
    },
    lag: async () => ({
      waiting: undefined,
      pending: undefined,
      bytes: undefined,
      oldestMs: undefined,
      lost: 0,
    }),
    close: async () => {
      await letters.return()
      await box.close()
    },
  }
}
