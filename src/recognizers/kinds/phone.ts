/** Telephone numbers: international ones of every country, national ones of the declared countries. */
import { wordsOf } from '../context/words-of.ts'
import { isSign, signsOf } from '../checks/edges.ts'
import { DeclaredPlans } from '../checks/declared-plans.ts'
import { numberOf } from '../checks/digits.ts'
import { callingCodeLength, callingCodeOf, phonePlan, validLengths } from '../checks/phone-plans.ts'
import type { PhonePlan } from '../checks/phone-plans.ts'
import { isDate, isDottedQuad } from '../numbers/number-forms.ts'
import type { NumberRun } from '../numbers/number-run.ts'
import type { Confidence, Recognizer, Report } from '../recognizer.ts'

/** E.164 6.2.1, with the prefix of international calls before it. */
const INTERNATIONAL_DIGITS_MAX = 17
const INTERNATIONAL_DIGITS_MIN = 8
const NATIONAL_DIGITS_MAX = 13
const NATIONAL_DIGITS_MIN = 7
const GROUPS_MAX = 8

/** Signs that tie a number to others: dates, times of day, decimals. */
const PARTS = signsOf('-./:,')
const OPENING = signsOf('(+')
const EXTENSION_SIGNS = signsOf(' ,;')
const PLUS = 0x2b
const PERCENT = 0x25
const DOLLAR = 0x24
const NUMBER_SIGN = 0x23
const POUND = 0xa3
const EURO = 0x20ac

const WITH_PLUS: Confidence = { plain: 0.95, supported: 0.98, opposed: 0.7 }
const WITH_ZEROS: Confidence = { plain: 0.8, supported: 0.95, opposed: 0.45 }
/** Three groups or more, or a code in brackets. */
const GROUPED: Confidence = { plain: 0.65, supported: 0.92, opposed: 0.25 }
/** Two groups, or one, with the prefix of national calls. */
const PREFIXED: Confidence = { plain: 0.55, supported: 0.9, opposed: 0.2 }
/** With a country code, and valid in no country as far as is known. */
const ONLY_POSSIBLE: Confidence = { plain: 0.6, supported: 0.85, opposed: 0.2 }
/** In groups, of a length that a declared country has, and valid in none of them. */
const BY_CONTEXT: Confidence = { plain: 0.2, supported: 0.65, opposed: 0 }
/** Digits that could be anything. */
const BARE: Confidence = { plain: 0.3, supported: 0.85, opposed: 0.05 }

const EXTENSION =
  /[ ,;]{0,2}(?:ext(?:ension|ensión)?|x|poste|durchwahl|ramal|anexo|int)\.? ?\d{1,5}(?!\d)/iy

export const phone: Recognizer = {
  name: 'phone',
  dataClass: 'contact.phone',
  summary:
    'Telephone numbers that are valid: of every country with `+` or `00` before the country code, of the declared countries in national form.',
  optIn: false,
  words: wordsOf(
    // In a signature it stands by the address.
    '@',
    'phone* tel telephone* mobile* cell* call* ring reach* whatsapp',
    'text sms fax dial* contact* hotline landline',
    'telefon* tfno tlf movil* llam* marc* fijo celular*',
    'portable* port fixe appel* rappel* joindre',
    'handy* mobil* ruckruf* anruf* ruf* erreich* durchwahl festnetz*',
    'telemovel* tlm ligu* ligar liga zap contat*',
  ),
  finder: ({ countries }) => {
    const declared = new DeclaredPlans(countries.flatMap((country) => phonePlan(country) ?? []))
    return {
      on: 'number',
      digitsMin: NATIONAL_DIGITS_MIN,
      find: (run, report) => findPhones(run, declared, report),
    }
  },
}

function findPhones(run: NumberRun, declared: DeclaredPlans, report: Report): void {
  if (run.count < NATIONAL_DIGITS_MIN) return
  for (let from = 0; from < run.groups; from += 1) {
    const first = run.first[from] as number
    if (run.count - first < NATIONAL_DIGITS_MIN) return
    if (run.isTaken(from) || !run.startsWord(from)) continue
    const start = run.start(from)
    const plus = start > 0 && run.units[start - 1] === PLUS
    const zeros = !plus && run.values[first] === 0 && run.values[first + 1] === 0
    const to =
      plus || zeros
        ? international(run, from, plus ? 0 : 2, report)
        : national(run, from, declared, report)
    if (to > 0) from = to - 1
  }
}

/** A number with its country code behind `skip` digits. Answers the group behind it, or 0. */
function international(run: NumberRun, from: number, skip: number, report: Report): number {
  const first = run.first[from] as number
  const last = Math.min(run.groups, from + GROUPS_MAX)
  const count = (run.first[last] as number) - first - skip
  const code = callingCodeLength(run.values, first + skip, count)
  if (code === 0) return 0
  const { values } = run
  let number = first + skip + code
  const { plans, lengths } = callingCodeOf(numberOf(values, first + skip, number))
  // The trunk prefix stands in brackets: +44 (0)20.
  if (values[number] === 0 && hasTrunkInBrackets(run, from)) number += 1
  const end = Math.min(first + INTERNATIONAL_DIGITS_MAX, run.first[last] as number)
  let valid = 0
  for (let index = 0; index < plans.length; index += 1) {
    valid |= validLengths(plans[index] as PhonePlan, values, number, end)
  }
  let possible = 0
  for (let to = last; to > from; to -= 1) {
    const length = (run.first[to] as number) - first
    if (length < INTERNATIONAL_DIGITS_MIN + skip) break
    if (length > INTERNATIONAL_DIGITS_MAX || !isEnd(run, to - 1)) continue
    const bit = 1 << (first + length - number)
    if ((valid & bit) !== 0) {
      reportGroups({ run, from, to }, skip === 0 ? WITH_PLUS : WITH_ZEROS, report)
      return to
    }
    if ((lengths & bit) !== 0 && skip === 0 && possible === 0) possible = to
  }
  if (possible > 0) reportGroups({ run, from, to: possible }, ONLY_POSSIBLE, report)
  return possible
}

function hasTrunkInBrackets(run: NumberRun, from: number): boolean {
  for (let group = from + 1; group < Math.min(run.groups, from + 3); group += 1) {
    const at = run.start(group)
    if (run.text.charAt(at) === '0' && run.text.charAt(at - 1) === '(') return true
  }
  return false
}

/** A number in national form. Answers the group behind it, or 0. */
function national(run: NumberRun, from: number, declared: DeclaredPlans, report: Report): number {
  const { text } = run
  const behind = lastGroup(run, from)
  const first = run.first[from] as number
  if ((run.first[behind] as number) - first < NATIONAL_DIGITS_MIN) return 0
  if (run.isTiedBefore(from, PARTS) || isPrice(text, run.start(from))) return 0
  if (isDate(run, from) || isDottedQuad(run, from)) return 0
  if (from + 1 === run.groups && run.values[first] !== 0) {
    bare(run, from, declared, report)
    return 0
  }
  let looked = false
  let possible = 0
  for (let to = behind; to > from; to -= 1) {
    const length = (run.first[to] as number) - first
    if (length < NATIONAL_DIGITS_MIN) break
    if (length > NATIONAL_DIGITS_MAX || !isEnd(run, to - 1) || !isOneLine(run, from, to)) continue
    if (!looked) declared.look(run.values, first, first + length)
    looked = true
    const bit = 1 << length
    const trunk = (declared.withTrunk & bit) !== 0
    if (trunk || (declared.valid & bit) !== 0) {
      reportGroups({ run, from, to }, confidenceOf(run, from, to, trunk), report)
      return to
    }
    if (
      (declared.possible & bit) !== 0 &&
      possible === 0 &&
      to - from > 1 &&
      isUniform(run, from, to)
    ) {
      possible = to
    }
  }
  if (possible > 0) reportGroups({ run, from, to: possible }, BY_CONTEXT, report)
  return possible
}

/** The group behind the longest number that may begin here: single digits stand first, or last of many groups. */
function lastGroup(run: NumberRun, from: number): number {
  const limit = Math.min(run.groups, from + GROUPS_MAX)
  const digits = (run.first[from] as number) + NATIONAL_DIGITS_MAX
  let to = from + 1
  while (to < limit && run.size(to) > 1 && !run.isTaken(to)) {
    if ((run.first[to + 1] as number) > digits) return to
    to += 1
  }
  return to < limit && to - from > 2 && !run.isTaken(to) ? to + 1 : to
}

/** A number in one group that begins with no zero: whether it is valid is asked only where the words around let it be one. */
function bare(run: NumberRun, from: number, declared: DeclaredPlans, report: Report): void {
  const size = run.size(from)
  const { text } = run
  if (size < NATIONAL_DIGITS_MIN || size > NATIONAL_DIGITS_MAX) return
  if ((declared.lengths & (1 << size)) === 0 || !isEnd(run, from)) return
  const first = run.first[from] as number
  const isValid = (): boolean => declared.isValid(run.values, first, first + size)
  report(opening(text, run.start(from)), extended(text, run.end(from)), BARE, isValid)
}

function confidenceOf(run: NumberRun, from: number, to: number, trunk: boolean): Confidence {
  const groups = to - from
  const brackets = run.text.charAt(run.start(from) - 1) === '('
  if (groups === 1) return trunk ? PREFIXED : BARE
  if (!isUniform(run, from, to)) return BARE
  if (brackets || groups > 2) return GROUPED
  return trunk ? PREFIXED : BARE
}

/** The same sign between all groups, the first gap aside, and no group of a single digit but the first, or the last of many. */
function isUniform(run: NumberRun, from: number, to: number): boolean {
  for (let group = from + 1; group < to; group += 1) {
    if (run.size(group) < 2 && (group < to - 1 || to - from < 4)) return false
    if (group > from + 2 && run.gap(group - 1) !== run.gap(group - 2)) return false
  }
  return true
}

interface Groups {
  readonly run: NumberRun
  readonly from: number
  readonly to: number
}

function reportGroups({ run, from, to }: Groups, confidence: Confidence, report: Report): void {
  report(opening(run.text, run.start(from)), extended(run.text, run.end(to - 1)), confidence)
}

/** Where the number begins with its plus sign and bracket. */
function opening(text: string, start: number): number {
  let at = start
  while (at > 0 && isSign(text, at - 1, OPENING) && start - at < 2) at -= 1
  return at
}

/** The end with an extension, where one follows. */
function extended(text: string, end: number): number {
  if (!mayExtend(text, end)) return end
  EXTENSION.lastIndex = end
  const extension = EXTENSION.exec(text)
  return extension === null ? end : end + extension[0].length
}

/** True where a letter stands behind at most two signs. */
function mayExtend(text: string, end: number): boolean {
  let at = end
  while (at < end + 2 && isSign(text, at, EXTENSION_SIGNS)) at += 1
  const unit = text.charCodeAt(at) | 0x20
  return unit >= 0x61 && unit <= 0x7a
}

/** True where the number may end here: no word, no decimal, no time of day goes on. */
function isEnd(run: NumberRun, group: number): boolean {
  if (group < run.groups - 1) return !run.isTiedBehind(group, PARTS)
  const { text } = run
  const end = run.end(group)
  if (!run.endsWord(group)) return text.charAt(end).toLowerCase() === 'x'
  const unit = text.charCodeAt(end)
  const next = text.charCodeAt(end + 1)
  const digitBehind = next >= 0x30 && next <= 0x39
  if (digitBehind && isSign(text, end, PARTS)) return false
  return unit !== PERCENT && unit !== EURO
}

function isPrice(text: string, start: number): boolean {
  const unit = text.charCodeAt(start - 1)
  return unit === DOLLAR || unit === EURO || unit === POUND || unit === NUMBER_SIGN
}

function isOneLine(run: NumberRun, from: number, to: number): boolean {
  for (let group = from; group < to - 1; group += 1) {
    if (run.breaksLine(group)) return false
  }
  return true
}
