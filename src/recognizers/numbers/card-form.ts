/** Whether groups of digits stand as they do on cards. */
import type { NumberRun } from './number-run.ts'

const PRINTED_SIZE = 4
/** The middle one of three groups, on cards of American Express and Diners Club. */
const MIDDLE_SIZE = 6

/** One group, groups of four, groups as of American Express and Diners Club, or single digits; one sign between all. */
export function isCardForm(run: NumberRun, from: number, to: number): boolean {
  const groups = to - from
  if (groups === 1) return true
  if (!hasOneGap(run, from, to)) return false
  const size = run.size(from)
  if (size === 1) return areAll(run, from, to, 1)
  if (size !== PRINTED_SIZE) return false
  if (groups === 3) return run.size(from + 1) === MIDDLE_SIZE
  return areAll(run, from, to - 1, PRINTED_SIZE) && run.size(to - 1) <= PRINTED_SIZE
}

/** One sign between all groups; a line may be broken at any of them. */
function hasOneGap(run: NumberRun, from: number, to: number): boolean {
  let gap = 0
  for (let group = from; group < to - 1; group += 1) {
    if (run.breaksLine(group)) continue
    if (gap === 0) gap = run.gap(group)
    else if (run.gap(group) !== gap) return false
  }
  return true
}

function areAll(run: NumberRun, from: number, to: number, size: number): boolean {
  for (let group = from; group < to; group += 1) if (run.size(group) !== size) return false
  return true
}
