/** What the recognizers must reach. Written down before any of them was; a goal that is missed is reported as missed. */
import type { LabelledSlot } from './templates/templates.ts'

export interface Goal {
  readonly kind: LabelledSlot
  readonly precision: number
  readonly recall: number
}

const KINDS: readonly Goal[] = [
  { kind: 'email', precision: 0.98, recall: 0.98 },
  { kind: 'card', precision: 0.98, recall: 0.98 },
  { kind: 'iban', precision: 0.98, recall: 0.98 },
  { kind: 'ssn', precision: 0.98, recall: 0.98 },
  { kind: 'dni', precision: 0.98, recall: 0.98 },
  { kind: 'phone', precision: 0.85, recall: 0.92 },
]

export const GOALS = {
  /** On the held-back part. */
  kinds: KINDS,
  /** Labelled spans of a kind from which on its figures are frozen as floors. */
  floorSpansMin: 200,
  /** Of the held-back lines without personal data, how many may be altered. */
  decoys: { lines: 5_000, alteredMax: 25 },
  /** All default recognizers together, on one core. `timesOthers`: against each of the packages measured beside. */
  throughput: { cleanMBs: 150, denseMBs: 60, timesOthers: 50 },
  /** The longest that a hostile text of this size may take. */
  hostile: { bytes: 1_048_576, millisecondsMax: 50 },
} as const
