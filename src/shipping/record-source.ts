/** Where records come from, with a memory of what was delivered. One interface, one contract suite, two sources. */
import type { ReadRecord } from '../audit/record-codec.ts'

/** One stored record, not yet acknowledged. */
export interface Delivery {
  /** The stream or journal that it is from. Order is kept within one. */
  readonly origin: string
  /** Its place there. */
  readonly position: string
  /** Undefined where what is stored there cannot be read as a record. */
  readonly read: ReadRecord | undefined
  /** As it is stored: names and values in turn. */
  readonly stored: readonly string[]
}

/** How much memory a record takes, roughly: characters of what is stored. */
export function sizeOf({ stored }: Delivery): number {
  return stored.reduce((sum, text) => sum + text.length, 0)
}

/** Why a record is put aside instead of delivered. */
export const ASIDE_REASONS = ['refused', 'too-large', 'unreadable'] as const
export type AsideReason = (typeof ASIDE_REASONS)[number]

/** How far behind a sink is. Undefined: this source cannot tell. */
export interface SourceLag {
  /** Records that nobody has been given yet. */
  readonly waiting: number | undefined
  /** Records that were given to a shipper and not acknowledged. */
  readonly pending: number | undefined
  /** Bytes that were not read yet. */
  readonly bytes: number | undefined
  /** When the oldest that is not acknowledged was stored; undefined also where there is none. */
  readonly oldestMs: number | undefined
  /** Records that were deleted before they were delivered, as far as can be told now. */
  readonly lost: number
}

export interface TakeOptions {
  /** Of each stream. */
  readonly recordsMax: number
  /** False: do not wait where there is nothing. */
  readonly wait: boolean
  readonly signal: AbortSignal
}

/** What was taken, and what was noticed on the way. */
export interface Taken {
  /** Oldest first. Empty where nothing has come for a while. */
  readonly deliveries: readonly Delivery[]
  /** True where they were taken over from a shipper that has died. */
  readonly claimed: boolean
  /** Records that were given to a shipper, and deleted before they were delivered. */
  readonly lost: number
}

/** All methods reject with AuditUnavailableError where the store is away, and may be called again. */
export interface RecordSource {
  readonly take: (options: TakeOptions) => Promise<Taken>
  /** These were delivered, and all that was taken before them. */
  readonly acknowledge: (deliveries: readonly Delivery[]) => Promise<void>
  /** How often {@link hold} must be called for what is being worked on. Undefined: never. */
  readonly holdEveryMs: number | undefined
  /** These are still being worked on, so that no other shipper takes them over. */
  readonly hold: (deliveries: readonly Delivery[]) => Promise<void>
  /** Keeps a copy among the dead letters, and acknowledges it. Rejects where there are too many of them. */
  readonly putAside: (delivery: Delivery, reason: AsideReason) => Promise<void>
  readonly lag: () => Promise<SourceLag>
  /** Twice is once. */
  readonly close: () => Promise<void>
}
