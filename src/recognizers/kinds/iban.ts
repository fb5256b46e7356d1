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
  const start = countryBefore(run, digits)
  if (start >= 0) findIban(run, start, digits, report)
}

/** Where the country's two letters stand before `at`, with at most one blank between; -1 where none do. */
function countryBefore({ text, units }: NumberRun, at: number): number {
  const blank = units[at - 1] === 0x20
  const start = at - (blank ? 3 : 2)
  if (start < 0 || !isLetter(units[start] as number) || !isLetter(units[start + 1] as number)) {
    return -1
  }
  return startsWord(text, start) ? start : -1
}

/** Characters of the longest IBAN (ISO 13616). */
const IBAN_CHARACTERS_MAX = 34
const characters = new Uint8Array(IBAN_CHARACTERS_MAX)

function findIban(run: NumberRun, start: number, digits: number, report: Report): void {
  const { text, units } = run
  const length = ibanLength(units[start] as number, units[start + 1] as number)
  if (length === 0 || !isDigit(units[digits + 1] as number)) return
  const kinds = KINDS
  characters[0] = units[start] as number
  characters[1] = units[start + 1] as number
  let count = 2
  let at = digits
  let gap = 0
  let capitals = isCapital(units[start] as number)
  const last = Math.min(text.length, start + IBAN_UNITS_MAX)
  while (count < length && at < last) {
    const unit = units[at] as number
    const kind = kinds[unit] as number
    if (kind === SEPARATOR && gap < GAP_UNITS_MAX) gap += 1
    else if (kind === NONE || kind === SEPARATOR) return
    else {
      characters[count] = unit
      count += 1
      gap = 0
      if (kind === SMALL) capitals = false
    }
    at += 1
  }
  if (count < length || !endsWord(text, at)) return
  if (passesMod97(characters, count)) report(start, at, RIGHT)
  else if (capitals) report(start, at, MISTYPED)
}

/** What a unit may be in an IBAN. */
const NONE = 0
const CAPITAL_OR_DIGIT = 1
const SMALL = 2
const SEPARATOR = 3
const KINDS = new Uint8Array(0x1_0000)
for (let unit = 0; unit < 128; unit += 1) {
  const character = String.fromCharCode(unit)
  if (/[A-Z0-9]/.test(character)) KINDS[unit] = CAPITAL_OR_DIGIT
  else if (/[a-z]/.test(character)) KINDS[unit] = SMALL
  else if (' -.\n\r'.includes(character)) KINDS[unit] = SEPARATOR
}

const isDigit = (unit: number): boolean => unit >= 0x30 && unit <= 0x39
const isLetter = (unit: number): boolean =>
  (unit >= 0x41 && unit <= 0x5a) || (unit >= 0x61 && unit <= 0x7a)
const isCapital = (unit: number): boolean => unit >= 0x41 && unit <= 0x5a
