/** National numbers of persons, by the checks of stdnum. The table is in national-numbers.ts. */
import { wordsOf } from '../context/words-of.ts'
import { isLetterUnit, isTiedBefore, startsWord } from '../checks/edges.ts'
import type { NumberRun } from '../numbers/number-run.ts'
import type { Recognizer, Report } from '../recognizer.ts'
import { NATIONAL_NUMBERS } from './national-numbers.ts'
import type { DigitForm, NationalNumber } from './national-numbers.ts'

const TOKEN_UNITS_MAX = 24
const PLUS = 0x2b
/** Digits of the longest group in the table. */
const GROUP_DIGITS_MAX = 15
const SIZES = GROUP_DIGITS_MAX + 1
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
    const forms = new Forms(numbers)
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

/** What ends with a step: a form, and the number that it is of. */
interface End {
  readonly form: DigitForm
  readonly number: NationalNumber
}

/** The forms as an automaton over sizes of groups. */
class Forms {
  /** By step and size of the next group; 0 where no form goes on. */
  #next = new Uint8Array(SIZES)
  readonly ends: End[][] = [[]]

  constructor(numbers: readonly NationalNumber[]) {
    for (const number of numbers) for (const form of number.digits) this.#add({ form, number })
  }

  next(step: number, size: number): number {
    return size > GROUP_DIGITS_MAX ? 0 : (this.#next[step * SIZES + size] as number)
  }

  #add(end: End): void {
    let step = 0
    for (const size of end.form.sizes) {
      const at = step * SIZES + size
      if (this.#next[at] === 0) {
        const grown = new Uint8Array(this.#next.length + SIZES)
        grown.set(this.#next)
        grown[at] = this.ends.push([]) - 1
        this.#next = grown
      }
      step = this.#next[at] as number
    }
    this.ends[step]?.push(end)
  }
}

function findDigits(run: NumberRun, forms: Forms, report: Report): void {
  for (let from = 0; from < run.groups; from += 1) {
    let step = 0
    for (let to = from; to < run.groups && !run.isTaken(to); to += 1) {
      step = forms.next(step, run.size(to))
      if (step === 0) break
      const ends = forms.ends[step] as readonly End[]
      if (ends.length > 0) findEnds(run, from, to + 1, { ends, report })
    }
  }
}

interface Ends {
  readonly ends: readonly End[]
  readonly report: Report
}

function findEnds(run: NumberRun, from: number, to: number, { ends, report }: Ends): void {
  if (!run.startsWord(from) || !run.endsWord(to - 1)) return
  if (run.isTiedBefore(from) || run.isTiedBehind(to - 1)) return
  const start = run.start(from)
  // Behind a plus sign stands a telephone number.
  if (start > 0 && run.units[start - 1] === PLUS) return
  for (let index = 0; index < ends.length; index += 1) {
    const { form, number } = ends[index] as End
    if (!hasGaps(run, from, form)) continue
    if (number.mayBe?.(run.values, run.first[from] as number) === false) continue
    const digits = run.digits(from, to)
    report(start, run.end(to - 1), form.confidence, () => number.isValid(digits))
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
  const { units } = run
  const at = run.start(0)
  const end = units[at - 1] === BLANK ? at - 1 : at
  let start = end
  while (start > 0 && end - start <= HEAD_UNITS_MAX && isLetterUnit(units[start - 1] as number)) {
    start -= 1
  }
  if (!startsWord(run.text, start)) return
  for (const number of numbers) {
    if (number.token?.letters === end - start) findToken(run.text, start, number, report)
  }
}

/** Numbers that begin with digits. */
function findOthers(run: NumberRun, numbers: readonly NationalNumber[], report: Report): void {
  for (let group = 0; group < run.groups; group += 1) {
    if (!run.startsWord(group)) continue
    for (const number of numbers) findToken(run.text, run.start(group), number, report)
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
