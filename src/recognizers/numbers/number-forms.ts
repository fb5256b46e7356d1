/** Forms that runs of digits have and that are no telephone number, whatever plan their digits fit: dates, addresses. */
import { gapOf } from './number-run.ts'
import type { NumberRun } from './number-run.ts'
import { numberOf } from '../checks/digits.ts'

const STOP = gapOf('.')
/** Gaps of one sign are below. */
const ONE_SIGN = 128
const OCTETS = 4
const OCTET_MAX = 255
const YEAR_DIGITS = 4
const YEAR_MIN = 1900
const YEAR_MAX = 2099

/** The value of a group of at most nine digits. */
export function groupValue(run: NumberRun, group: number): number {
  return numberOf(run.values, run.first[group] as number, run.first[group + 1] as number)
}

/** Four numbers of at most 255 with single dots between, none with a zero before it. */
export function isDottedQuad(run: NumberRun, from: number): boolean {
  if (from + OCTETS > run.groups) return false
  for (let group = from; group < from + OCTETS; group += 1) {
    const size = run.size(group)
    if (size > 3 || groupValue(run, group) > OCTET_MAX) return false
    if (size > 1 && run.values[run.first[group] as number] === 0) return false
    if (group < from + OCTETS - 1 && run.gap(group) !== STOP) return false
  }
  return true
}

/** Three groups with one sign between them, of which the first or the last is a year and the others fit day and month. */
export function isDate(run: NumberRun, from: number): boolean {
  if (from + 3 > run.groups) return false
  const gap = run.gap(from)
  if (gap >= ONE_SIGN || gap !== run.gap(from + 1)) return false
  const yearFirst = isYear(run, from)
  if (!yearFirst && !isYear(run, from + 2)) return false
  const day = yearFirst ? from + 2 : from
  return run.size(day) <= 2 && run.size(from + 1) <= 2 && groupValue(run, day) <= 31
}

/** Four digits from 1900 to 2099. */
export function isYear(run: NumberRun, group: number): boolean {
  if (run.size(group) !== YEAR_DIGITS) return false
  const year = groupValue(run, group)
  return year >= YEAR_MIN && year <= YEAR_MAX
}
