/** Spanish DNI and NIE: eight digits, or X, Y or Z and seven, and a check letter. */
import {
  endsWord,
  isLetterUnit,
  isSign,
  isTiedBefore,
  signsOf,
  startsWord,
} from '../checks/edges.ts'
import { gapOf } from '../numbers/number-run.ts'
import type { NumberRun } from '../numbers/number-run.ts'
import type { Confidence, Recognizer, Report } from '../recognizer.ts'

const CHECK_LETTERS = 'TRWAGMYFPDXBNJZSQVHLCKE'
const FOREIGNERS = 'XYZ'
const DIGITS_MAX = 8
const STOP = gapOf('.')
const BLANK = gapOf(' ')
/** Of an ASCII letter. */
const CAPITAL = 0xdf
/** Between the digits and a letter. */
const SIGNS = signsOf('-. ')
const DIGITS_FOREIGNER = 7
/** Whole, or in groups of three. */
const SIZES = (1 << DIGITS_MAX) | (1 << DIGITS_FOREIGNER) | (1 << 3)

const CAPITALS: Confidence = { plain: 0.85, supported: 0.98, opposed: 0.35 }
const OTHER: Confidence = { plain: 0.6, supported: 0.95, opposed: 0.2 }

export const esDni: Recognizer = {
  name: 'es-dni',
  dataClass: 'id.national',
  summary:
    'Spanish DNI and NIE with a right check letter, with full stops, hyphens or blanks or without. Where `ES` is declared.',
  optIn: false,
  words: ['dni', 'nie', 'nif', 'documento*', 'identidad', 'identificacion', 'pasaporte*'],
  finder: ({ countries }) =>
    countries.includes('ES')
      ? { on: 'number', digitsMin: DIGITS_FOREIGNER, find: findDnis }
      : undefined,
}

function findDnis(run: NumberRun, report: Report): void {
  if ((run.sizes & SIZES) === 0) return
  for (let from = 0; from < run.groups; from += 1) {
    const to = endOfNumber(run, from)
    if (to > 0) findDni(run, from, to, report)
  }
}

/** The group behind a number of the right size: 12345678, 12.345.678, 1234567 or 1.234.567; 0 where there is none. */
function endOfNumber(run: NumberRun, from: number): number {
  const size = run.size(from)
  if (size === DIGITS_MAX || size === DIGITS_FOREIGNER) return from + 1
  if (size > 2 || from + 3 > run.groups) return 0
  if (run.size(from + 1) !== 3 || run.size(from + 2) !== 3) return 0
  const gap = run.gap(from)
  return (gap === STOP || gap === BLANK) && run.gap(from + 1) === gap ? from + 3 : 0
}

function findDni(run: NumberRun, from: number, to: number, report: Report): void {
  const { text, values } = run
  const letterAt = letterBehind(text, run.end(to - 1))
  if (letterAt < 0) return
  const [first, behind] = [run.first[from] as number, run.first[to] as number]
  const whole = behind - first === DIGITS_MAX
  const start = whole ? run.start(from) : foreignerBefore(text, run.start(from))
  if (start < 0 || !startsWord(text, start) || isTiedBefore(text, start)) return
  let number = whole ? 0 : FOREIGNERS.indexOf(text.charAt(start).toUpperCase())
  for (let index = first; index < behind; index += 1)
    number = number * 10 + (values[index] as number)
  const unit = text.charCodeAt(letterAt)
  if (CHECK_LETTERS.charCodeAt(number % CHECK_LETTERS.length) !== (unit & CAPITAL)) return
  const capital = (unit & CAPITAL) === unit && text.charCodeAt(letterAt - 1) !== 0x20
  report(start, letterAt + 1, capital ? CAPITALS : OTHER)
}

/** Where the check letter stands, at most one sign behind the digits; -1 where none does. */
function letterBehind(text: string, end: number): number {
  const sign = isSign(text, end, SIGNS)
  const at = sign ? end + 1 : end
  const unit = text.charCodeAt(at)
  const letter = (unit >= 0x41 && unit <= 0x5a) || (unit >= 0x61 && unit <= 0x7a)
  if (!letter || !endsWord(text, at + 1)) return -1
  // A letter behind a blank is a word of its own, unless it is a capital.
  return text.charCodeAt(at - 1) === 0x20 && unit > 0x5a ? -1 : at
}

function foreignerBefore(text: string, start: number): number {
  const sign = start > 0 && isSign(text, start - 1, SIGNS)
  const at = start - (sign ? 2 : 1)
  if (at < 0 || !isLetterUnit(text.charCodeAt(at))) return -1
  return FOREIGNERS.includes(text.charAt(at).toUpperCase()) ? at : -1
}
