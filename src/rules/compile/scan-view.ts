/** What the operator of texts is told of one role set: which classes it sees, and where finds are counted. */
import type { ExposureForm, ScanView } from '../operator.ts'
import { COUNTERS_PER_CLASS, HIDDEN, PART, REVEALED, SHOWN } from './exposure-report.ts'
import { dictionaryOf } from './record-dictionary.ts'

export interface ScanSight {
  /** Classes by their counters. */
  readonly names: readonly string[]
  readonly shown: ReadonlySet<string>
  readonly revealed: ReadonlySet<string>
}

const FORMS = { shown: SHOWN, part: PART, hidden: HIDDEN } as const

/** For locations of the classes `present`, by their numbers. */
export function scanView(
  present: readonly number[],
  { names, shown, revealed }: ScanSight,
): ScanView {
  const counterOf = (index: number, form: ExposureForm): number => {
    const isRevealed = form === 'shown' && revealed.has(names[index] ?? '')
    return index * COUNTERS_PER_CLASS + (isRevealed ? REVEALED : FORMS[form])
  }
  return {
    isShown: (dataClass) => shown.has(dataClass) || revealed.has(dataClass),
    elsewhere: ({ reader }) => dictionaryOf(reader),
    count: ({ count }, dataClass, form) => count(counterOf(names.indexOf(dataClass), form), 1),
    countLocation: ({ count }, form) => {
      for (const index of present) count(counterOf(index, form), 1)
    },
  }
}
