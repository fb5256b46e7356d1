/** What a run tells of as it goes. Ids, locations, classes and counts; never a value. */
import type { ClassCount } from './find-places.ts'

/**
 * `would`: a dry run; `redacted`: written, and not there when it was read again; `left`: written, and still there; `failed`: not
 * written; `by-hand`: the interface cannot change it; `unreadable`: too long, or with too much packed inside, to be looked through;
 * `attachment`: a file, into which nothing looks; `suspect`: less sure than the policy asks for, and left.
 */
export type PlaceOutcome =
  | 'would'
  | 'redacted'
  | 'left'
  | 'failed'
  | 'by-hand'
  | 'unreadable'
  | 'attachment'
  | 'suspect'

export interface PlaceReport {
  /** `ticket 17 / comment 3` as a list: kinds and ids. */
  readonly record: readonly { readonly resource: string; readonly id: string }[]
  /** Of an attachment its id. */
  readonly place: string
  readonly classes: readonly ClassCount[]
  readonly outcome: PlaceOutcome
  /** What is to be done by hand, or why it failed. */
  readonly note: string | undefined
}

/** What was done so far. */
export interface Totals {
  records: number
  /** Places by what became of them. */
  places: Record<PlaceOutcome, number>
  /** Values by class. */
  classes: Record<string, number>
}

export function noTotals(): Totals {
  const places = {
    would: 0,
    redacted: 0,
    left: 0,
    failed: 0,
    'by-hand': 0,
    unreadable: 0,
    attachment: 0,
    suspect: 0,
  }
  return { records: 0, places, classes: {} }
}

/** Adds one place to the totals. */
export function count(totals: Totals, { outcome, classes }: PlaceReport): void {
  totals.places[outcome] += 1
  for (const { class: name, count: more } of classes) {
    totals.classes[name] = (totals.classes[name] ?? 0) + more
  }
}
