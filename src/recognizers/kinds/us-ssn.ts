/** United States Social Security numbers: no check digit, so the form and what was never given out decide. */
import { numberOf } from '../checks/digits.ts'
import { gapOf } from '../numbers/number-run.ts'
import type { NumberRun } from '../numbers/number-run.ts'
import type { Confidence, Recognizer, Report } from '../recognizer.ts'

const GROUPS = [3, 2, 4] as const
const DIGITS = 9
const HYPHEN = gapOf('-')
const BLANK = gapOf(' ')
const STOP = gapOf('.')
const SIZES = (1 << 3) | (1 << 2) | (1 << 4)
const AREA_NEVER = 666
/** From here on, areas are of taxpayers without a Social Security number (ITIN). */
const AREA_TAXPAYER = 900
/** The middle groups that such numbers have (IRS Publication 1915). */
const isTaxpayerGroup = (group: number): boolean =>
  (group >= 50 && group <= 65) || (group >= 70 && group <= 88) || (group >= 90 && group !== 93)

const WITH_HYPHENS: Confidence = { plain: 0.75, supported: 0.97, opposed: 0.4 }
const WITH_BLANKS: Confidence = { plain: 0.6, supported: 0.95, opposed: 0.25 }
const BARE: Confidence = { plain: 0.1, supported: 0.8, opposed: 0.02 }

export const usSsn: Recognizer = {
  name: 'us-ssn',
  dataClass: 'id.national',
  summary:
    'Social Security numbers of the United States, 123-45-6789, and taxpayer numbers of the same form; without separators only by context. Where `US` is declared.',
  optIn: false,
  words: ['ssn', 'ssns', 'social', 'socials', 'security', 'taxpayer*', 'tin', 'itin'],
  finder: ({ countries }) =>
    countries.includes('US') ? { on: 'number', digitsMin: DIGITS, find: findSsns } : undefined,
}

function findSsns(run: NumberRun, report: Report): void {
  if ((run.sizes & (1 << DIGITS)) === 0 && (run.sizes & SIZES) !== SIZES) return
  for (let from = 0; from < run.groups; from += 1) {
    const bare = run.size(from) === DIGITS
    if (!bare && !isGrouped(run, from)) continue
    const to = bare ? from + 1 : from + GROUPS.length
    if (!run.startsWord(from) || !run.endsWord(to - 1)) continue
    if (run.isTiedBefore(from) || run.isTiedBehind(to - 1)) continue
    if (!wasGivenOut(run, run.first[from] as number)) continue
    report(
      run.start(from),
      run.end(to - 1),
      bare ? BARE : run.gap(from) === HYPHEN ? WITH_HYPHENS : WITH_BLANKS,
    )
  }
}

function isGrouped(run: NumberRun, from: number): boolean {
  if (from + GROUPS.length > run.groups) return false
  for (let index = 0; index < GROUPS.length; index += 1) {
    if (run.size(from + index) !== GROUPS[index]) return false
  }
  const gap = run.gap(from)
  return (gap === HYPHEN || gap === BLANK || gap === STOP) && gap === run.gap(from + 1)
}

function wasGivenOut({ values }: NumberRun, first: number): boolean {
  const area = numberOf(values, first, first + 3)
  const group = numberOf(values, first + 3, first + 5)
  if (area === 0 || area === AREA_NEVER || numberOf(values, first + 5, first + 9) === 0)
    return false
  return area >= AREA_TAXPAYER ? isTaxpayerGroup(group) : group !== 0
}
