/** National numbers of persons, by the checks of stdnum. The table is in national-numbers.ts. */
import { wordsOf } from '../context/words-of.ts'
import { endsWord, isLetterUnit, isTiedBefore, isTiedBehind, startsWord } from '../checks/edges.ts'
import type { NumberRun } from '../numbers/number-run.ts'
import type { Recognizer, Report } from '../recognizer.ts'
import { NATIONAL_NUMBERS } from './national-numbers.ts'
import type { DigitForm, NationalNumber } from './national-numbers.ts'

const TOKEN_UNITS_MAX = 24
const PLUS = 0x2b
/** Digits of the longest group in the table. */
const GROUP_DIGITS_MAX = 15
/** Gaps of one sign are below. */
const ONE_SIGN = 128
/** Letters before the first digit of a token. */
const HEAD_UNITS_MAX = 6
const BLANK = 0x20

export const national: Recognizer = {
  name: 'national',
  dataClass: 'id.national',
  summary: `National numbers of persons with a right check, of the declared countries among ${NATIONAL_NUMBERS.map(({ country, name }) => `${country} (${name})`).join(', ')}.`,
  optIn: false,
  words: wordsOf(
    'nino insurance ni nir secu securite sociale assure* cpam',
    'steuer* steueridentifikationsnummer identifikationsnummer idnr finanzamt',
    'nif contribuinte* fiscal* cpf codice curp bsn burgerservicenummer',
    'pesel ahv avs personnummer cpr fodselsnummer hetu pps ppsn',
    'rut run sin cnp rijksregister* national personal',
  ),
  finder: ({ countries }) => {
    const numbers = NATIONAL_NUMBERS.filter(({ country }) => countries.includes(country))
    if (numbers.length === 0) return undefined
    const forms = formsOf(numbers)
    const headed = numbers.filter(({ token }) => (token?.letters ?? 0) > 0)
    const others = numbers.filter(({ token }) => token?.letters === 0)
    return {
      on: 'number',
      find: (run, report) => {
        findDigits(run, forms, report)
        if (headed.length > 0 && run.lettered) findHeaded(run, headed, report)
        if (others.length > 0) findOthers(run, others, report)
      },
    }
  },
}

/** A step for each size of a group; at the last one the forms that end there. */
interface Step {
  /** By the size of the next group. */
  readonly next: (Step | undefined)[]
  readonly ends: { readonly form: DigitForm; readonly number: NationalNumber }[]
}

function emptyStep(): Step {
  return { next: Array.from({ length: GROUP_DIGITS_MAX + 1 }), ends: [] }
}

function formsOf(numbers: readonly NationalNumber[]): Step {
  const root: Step = emptyStep()
  for (const number of numbers) {
    for (const form of number.digits) {
      let step = root
      for (const size of form.sizes) {
        const next = step.next[size] ?? emptyStep()
        step.next[size] = next
        step = next
      }
      step.ends.push({ form, number })
    }
  }
  return root
}

function findDigits(run: NumberRun, forms: Step, report: Report): void {
  for (let from = 0; from < run.groups; from += 1) {
    let step: Step | undefined = forms
    for (let to = from; to < run.groups && !run.isTaken(to); to += 1) {
      const size = run.size(to)
      step = size > GROUP_DIGITS_MAX ? undefined : step.next[size]
      if (step === undefined) break
      if (step.ends.length > 0) findEnds(run, from, to + 1, { ends: step.ends, report })
    }
  }
}

interface Ends {
  readonly ends: Step['ends']
  readonly report: Report
}

function findEnds(run: NumberRun, from: number, to: number, { ends, report }: Ends): void {
  const [start, end] = [run.start(from), run.end(to - 1)]
  const { text } = run
  // Behind a plus sign stands a telephone number.
  if (text.charCodeAt(start - 1) === PLUS) return
  if (!startsWord(text, start) || !endsWord(text, end)) return
  if (isTiedBefore(text, start) || isTiedBehind(text, end)) return
  for (const { form, number } of ends) {
    if (!hasGaps(run, from, form)) continue
    const digits = run.digits(from, to)
    if (number.mayBe?.(digits) === false) continue
    report(start, end, form.confidence, () => number.isValid(digits))
  }
}

function hasGaps(run: NumberRun, from: number, { sizes, gaps }: DigitForm): boolean {
  if (sizes.length === 1) return true
  const first = run.gap(from)
  if (gaps === undefined && first >= ONE_SIGN) return false
  for (let index = 0; index < sizes.length - 1; index += 1) {
    if (run.gap(from + index) !== (gaps === undefined ? first : gaps[index])) return false
  }
  return true
}

/** Numbers that begin with letters: their first digit begins a run. */
function findHeaded(run: NumberRun, numbers: readonly NationalNumber[], report: Report): void {
  const at = run.start(0)
  const end = run.text.charCodeAt(at - 1) === BLANK ? at - 1 : at
  let start = end
  while (end - start <= HEAD_UNITS_MAX && isLetterUnit(run.text.charCodeAt(start - 1))) start -= 1
  if (!startsWord(run.text, start)) return
  for (const number of numbers) {
    if (number.token?.letters === end - start) findToken(run.text, start, number, report)
  }
}

/** Numbers that begin with digits. */
function findOthers(run: NumberRun, numbers: readonly NationalNumber[], report: Report): void {
  for (let group = 0; group < run.groups; group += 1) {
    const start = run.start(group)
    if (!startsWord(run.text, start)) continue
    for (const number of numbers) findToken(run.text, start, number, report)
  }
}

function findToken(
  text: string,
  start: number,
  { token, isValid }: NationalNumber,
  report: Report,
): void {
  if (token === undefined || isTiedBefore(text, start)) return
  const found = token.pattern.exec(text.slice(start, start + TOKEN_UNITS_MAX))
  if (found === null) return
  const written = found[0].toUpperCase()
  report(start, start + written.length, token.confidence, () => isValid(written))
}
