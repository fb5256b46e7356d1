/** International bank account numbers (ISO 13616), in groups or not. */
import { endsWord, startsWord } from '../checks/edges.ts'
import { ibanLength, passesMod97 } from '../checks/mod-97.ts'
import type { NumberRun } from '../numbers/number-run.ts'
import { certain } from '../recognizer.ts'
import type { Confidence, Recognizer, Report } from '../recognizer.ts'

/** Separators that may stand between two characters, and in all. */
const GAP_UNITS_MAX = 2
const IBAN_UNITS_MAX = 80

const RIGHT = certain(0.99)
/** The check digits are wrong: told of in reports. */
const MISTYPED: Confidence = { plain: 0.2, supported: 0.4, opposed: 0.1 }

export const iban: Recognizer = {
  name: 'iban',
  dataClass: 'payment.iban',
  summary: 'IBANs of every country that has them, with right check digits, in groups or not.',
  optIn: false,
  words: ['iban', 'account*', 'cuenta*', 'compte*', 'konto*', 'conta', 'bank*', 'banc*', 'bic'],
  finder: () => ({ on: 'number', find: findIbans }),
}

/** An IBAN begins with two letters and two digits: its digits begin a run. */
function findIbans(run: NumberRun, report: Report): void {
  if (!run.lettered) return
  const digits = run.start(0)
  const start = countryBefore(run.text, digits)
  if (start >= 0) findIban(run.text, start, digits, report)
}

/** Where the country's two letters stand before `at`, with at most one blank between; -1 where none do. */
function countryBefore(text: string, at: number): number {
  const blank = text.charCodeAt(at - 1) === 0x20
  const start = at - (blank ? 3 : 2)
  if (start < 0 || !isLetter(text.charCodeAt(start)) || !isLetter(text.charCodeAt(start + 1))) {
    return -1
  }
  return startsWord(text, start) ? start : -1
}

/** Characters of the longest IBAN (ISO 13616). */
const IBAN_CHARACTERS_MAX = 34
const characters = new Uint8Array(IBAN_CHARACTERS_MAX)

function findIban(text: string, start: number, digits: number, report: Report): void {
  const length = ibanLength(text.charCodeAt(start), text.charCodeAt(start + 1))
  if (length === 0 || !isDigit(text.charCodeAt(digits + 1))) return
  characters[0] = text.charCodeAt(start)
  characters[1] = text.charCodeAt(start + 1)
  let count = 2
  let at = digits
  let gap = 0
  let capitals = isCapital(characters[0])
  const last = Math.min(text.length, start + IBAN_UNITS_MAX)
  while (count < length && at < last) {
    const unit = text.charCodeAt(at)
    if (isDigit(unit) || isLetter(unit)) {
      characters[count] = unit
      count += 1
      gap = 0
      capitals &&= isDigit(unit) || isCapital(unit)
    } else if (isSeparator(unit) && gap < GAP_UNITS_MAX) gap += 1
    else return
    at += 1
  }
  if (count < length || !endsWord(text, at)) return
  if (passesMod97(characters, count)) report(start, at, RIGHT)
  else if (capitals) report(start, at, MISTYPED)
}

const isDigit = (unit: number): boolean => unit >= 0x30 && unit <= 0x39
const isLetter = (unit: number): boolean =>
  (unit >= 0x41 && unit <= 0x5a) || (unit >= 0x61 && unit <= 0x7a)
/** Blank, hyphen, full stop, line break. */
const isSeparator = (unit: number): boolean =>
  unit === 0x20 || unit === 0x2d || unit === 0x2e || unit === 0x0a || unit === 0x0d
const isCapital = (unit: number): boolean => unit >= 0x41 && unit <= 0x5a
