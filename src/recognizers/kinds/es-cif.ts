/** Spanish tax numbers of companies (CIF): a letter, seven digits and a check digit or letter. */
import { endsWord, isTiedBefore, startsWord } from '../checks/edges.ts'
import type { NumberRun } from '../numbers/number-run.ts'
import type { Confidence, Recognizer, Report } from '../recognizer.ts'

/** The kinds of organizations that have a digit at the end, those that have a letter, and those that have either. */
const WITH_DIGIT = 'ABEH'
const WITH_LETTER = 'NPQRSW'
const WITH_EITHER = 'CDFGJUV'
const LETTERS = 'JABCDEFGHI'
const DIGITS = 7
const SIZES = (1 << DIGITS) | (1 << (DIGITS + 1))

const CONFIDENCE: Confidence = { plain: 0.65, supported: 0.95, opposed: 0.3 }

export const esCif: Recognizer = {
  name: 'es-cif',
  dataClass: 'id.national',
  summary:
    'Spanish tax numbers of companies (CIF) with a right check character. Where `ES` is declared.',
  optIn: false,
  words: ['cif', 'nif', 'empresa*', 'sociedad*', 'fiscal*'],
  finder: ({ countries }) =>
    countries.includes('ES') ? { on: 'number', digitsMin: DIGITS, find: findCifs } : undefined,
}

function findCifs(run: NumberRun, report: Report): void {
  if ((run.sizes & SIZES) === 0) return
  for (let group = 0; group < run.groups; group += 1) {
    const size = run.size(group)
    if (size !== DIGITS && size !== DIGITS + 1) continue
    const { text } = run
    const digits = run.start(group)
    const start = digits - (text.charAt(digits - 1) === '-' ? 2 : 1)
    if (start < 0 || !startsWord(text, start) || isTiedBefore(text, start)) continue
    const kind = text.charAt(start).toUpperCase()
    if (kind === '' || !(WITH_DIGIT + WITH_LETTER + WITH_EITHER).includes(kind)) continue
    const end = checkEnd(run, group, kind)
    if (end > 0) report(start, end, CONFIDENCE)
  }
}

/** Where the number ends, its check character included; 0 where that is wrong. */
function checkEnd(run: NumberRun, group: number, kind: string): number {
  const { text, values } = run
  const first = run.first[group] as number
  const expected = checkDigit(values, first)
  if (run.size(group) === DIGITS + 1) {
    const right = !WITH_LETTER.includes(kind) && values[first + DIGITS] === expected
    return right && endsWord(text, run.end(group)) ? run.end(group) : 0
  }
  const at = run.end(group) + (text.charAt(run.end(group)) === '-' ? 1 : 0)
  const right =
    !WITH_DIGIT.includes(kind) && text.charAt(at).toUpperCase() === LETTERS.charAt(expected)
  return right && endsWord(text, at + 1) ? at + 1 : 0
}

function checkDigit(values: Uint8Array, first: number): number {
  let sum = 0
  for (let index = 0; index < DIGITS; index += 1) {
    const value = values[first + index] as number
    const doubled = value * 2
    sum += index % 2 === 1 ? value : doubled > 9 ? doubled - 9 : doubled
  }
  return (10 - (sum % 10)) % 10
}
