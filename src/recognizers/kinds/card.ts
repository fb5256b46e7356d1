/** Payment card numbers: 13 to 19 digits (12 of some), an issuer's prefix and the check digit. */
import { wordsOf } from '../context/words-of.ts'
import { LuhnSums, passesLuhn } from '../checks/luhn.ts'
import { endsWord, isSign, signsOf, startsWord } from '../checks/edges.ts'
import { isCardForm } from '../numbers/card-form.ts'
import { isLikeDigit, RUN_DIGITS_MAX } from '../numbers/number-run.ts'
import type { NumberRun } from '../numbers/number-run.ts'
import type { Confidence, Recognizer, Report } from '../recognizer.ts'

const DIGITS_MIN = 12
const DIGITS_MAX = 19

/** Prefixes, from and to, with as many digits as they are written with, and the lengths that go with them. */
const ISSUERS: readonly (readonly [from: string, to: string, lengths: readonly number[]])[] = [
  ['4', '4', [13, 16, 19]], // Visa
  ['51', '55', [16]], // Mastercard
  ['2221', '2720', [16]],
  ['34', '34', [15]], // American Express
  ['37', '37', [15]],
  ['300', '305', [14, 16, 17, 18, 19]], // Diners Club
  ['309', '309', [14, 16, 17, 18, 19]],
  ['36', '36', [14, 16, 17, 18, 19]],
  ['38', '39', [14, 16, 17, 18, 19]],
  ['6011', '6011', [16, 17, 18, 19]], // Discover
  ['644', '649', [16, 17, 18, 19]],
  ['65', '65', [16, 17, 18, 19]],
  ['62', '62', [16, 17, 18, 19]], // UnionPay
  ['81', '81', [16, 17, 18, 19]],
  ['3528', '3589', [16, 17, 18, 19]], // JCB
  ['1800', '1800', [15]],
  ['2131', '2131', [15]],
  ['2200', '2204', [16, 17, 18, 19]], // Mir
  ['5018', '5018', [12, 13, 14, 15, 16, 17, 18, 19]], // Maestro
  ['5020', '5020', [12, 13, 14, 15, 16, 17, 18, 19]],
  ['5038', '5038', [12, 13, 14, 15, 16, 17, 18, 19]],
  ['5893', '5893', [12, 13, 14, 15, 16, 17, 18, 19]],
  ['6304', '6304', [12, 13, 14, 15, 16, 17, 18, 19]],
  ['6759', '6763', [12, 13, 14, 15, 16, 17, 18, 19]],
  ['60', '60', [16]], // RuPay
  ['508', '508', [16]],
  ['9792', '9792', [16]], // Troy
]
const PREFIX_DIGITS = 4
const PLUS = 0x2b

/** Letters for digits in one number. */
const LETTERS_MAX = 6
const LETTER_O = 0x4f
const SMALL_O = 0x6f
const SIGNS = signsOf(' -.')

/** Of the run at hand, once they are asked for. */
const sums = new LuhnSums(RUN_DIGITS_MAX)
let isLoaded = false

/** For each four first digits, a bit for each length that an issuer has. */
const LENGTHS = issuerLengths()

const USUAL: Confidence = { plain: 0.9, supported: 0.97, opposed: 0.6 }
const MIXED: Confidence = { plain: 0.7, supported: 0.9, opposed: 0.4 }
/** Part of a longer run, or in groups that no card has printed on it. */
const UNUSUAL: Confidence = { plain: 0.45, supported: 0.8, opposed: 0.2 }
/** The check digit is wrong: told of in reports. */
const MISTYPED: Confidence = { plain: 0.1, supported: 0.4, opposed: 0 }

export const card: Recognizer = {
  name: 'card',
  dataClass: 'payment.card',
  summary:
    'Payment card numbers: 13 to 19 digits with the prefix of an issuer and a right check digit, in groups or not.',
  optIn: false,
  words: wordsOf(
    'card* credit debit visa mastercard amex maestro cc pan cvv',
    'tarjeta* credito debito carte* cb bancaire* karte* kreditkart*',
    'kartennummer* cartao cartoes',
  ),
  finder: () => ({ on: 'number', digitsMin: DIGITS_MIN, find: findCards }),
}

function findCards(run: NumberRun, report: Report): void {
  if (run.mixed) findMixed(run, report)
  if (run.count < DIGITS_MIN) return
  isLoaded = false
  for (let from = 0; from < run.groups; from += 1) {
    const to = longestCard(run, from, report)
    if (to > 0) from = to - 1
  }
}

/** Reports the first card whose groups begin at `from`; answers the group behind it, or 0. */
function longestCard(run: NumberRun, from: number, report: Report): number {
  const first = run.first[from] as number
  if (first + DIGITS_MIN > run.count) return 0
  const lengths = lengthsAt(run.values, first)
  if (lengths === 0) return 0
  if (!run.startsWord(from)) return 0
  const start = run.start(from)
  // Behind a plus sign stands a telephone number.
  if (start > 0 && run.units[start - 1] === PLUS) return 0
  for (let to = from + 1; to <= run.groups; to += 1) {
    const behind = run.first[to] as number
    const length = behind - first
    if (length > DIGITS_MAX) return 0
    if ((lengths & (1 << length)) === 0 || !run.endsWord(to - 1)) continue
    if (!passes(run, first, behind)) {
      if (to - from > 1) reportMistyped(run, from, to, report)
      continue
    }
    const usual = isCardForm(run, from, to)
    report(start, run.end(to - 1), usual ? USUAL : UNUSUAL)
    if (usual) run.take(from, to)
    return to
  }
  return 0
}

function passes(run: NumberRun, from: number, to: number): boolean {
  // As a rule there is one card in a run, and one length that it may have.
  if (run.count <= DIGITS_MAX) return passesLuhn(run.values, from, to)
  if (!isLoaded) sums.load(run.values, run.count)
  isLoaded = true
  return sums.passes(from, to)
}

function reportMistyped(run: NumberRun, from: number, to: number, report: Report): void {
  report(run.start(from), run.end(to - 1), MISTYPED, () => isCardForm(run, from, to))
}

/** A number with letters that look like digits: 54Ol 737l 6595 9447. */
function findMixed(run: NumberRun, report: Report): void {
  const { text } = run
  const start = run.start(0)
  if (!startsWord(text, start)) return
  const values = new Uint8Array(DIGITS_MAX)
  let count = 0
  let letters = 0
  let end = start
  for (let at = start; at < text.length && count < DIGITS_MAX; at += 1) {
    const unit = text.charCodeAt(at)
    const digit = unit >= 0x30 && unit <= 0x39
    if (digit || isLikeDigit(unit)) {
      values[count] = digit ? unit - 0x30 : unit === LETTER_O || unit === SMALL_O ? 0 : 1
      count += 1
      letters += digit ? 0 : 1
      end = at + 1
    } else if (at > end || !isSign(text, at, SIGNS)) break
  }
  if (count < DIGITS_MIN || letters > LETTERS_MAX || !endsWord(text, end)) return
  if ((lengthsAt(values, 0) & (1 << count)) === 0 || !passesLuhn(values, 0, count)) return
  report(start, end, MIXED)
}

function lengthsAt(values: Uint8Array, first: number): number {
  let prefix = 0
  for (let index = 0; index < PREFIX_DIGITS; index += 1) {
    prefix = prefix * 10 + (values[first + index] as number)
  }
  return LENGTHS[prefix] as number
}

function issuerLengths(): Int32Array {
  const table = new Int32Array(10 ** PREFIX_DIGITS)
  for (const [from, to, lengths] of ISSUERS) {
    const bits = lengths.reduce((all, length) => all | (1 << length), 0)
    const [low, high] = [from.padEnd(PREFIX_DIGITS, '0'), to.padEnd(PREFIX_DIGITS, '9')].map(Number)
    for (let prefix = low ?? 0; prefix <= (high ?? 0); prefix += 1) {
      table[prefix] = (table[prefix] as number) | bits
    }
  }
  return table
}
