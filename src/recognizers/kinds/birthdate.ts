/** Dates of birth: a date by itself is none, so a word for birth must stand by it. */
import { wordsOf } from '../context/words-of.ts'
import { endsWord, isTiedBefore, startsWord } from '../checks/edges.ts'
import { isYear } from '../numbers/number-forms.ts'
import { gapOf } from '../numbers/number-run.ts'
import type { NumberRun } from '../numbers/number-run.ts'
import type { Confidence, Recognizer, Report } from '../recognizer.ts'

const CONFIDENCE: Confidence = { plain: 0.15, supported: 0.9, opposed: 0.05 }
/** `né le`: without its accents this would be the most common French word for not. */
const BORN_FRENCH = /(?:^|[^\p{L}])n[ée](?:\(e\)|e)? (?:le|en) $/iu
const BORN_UNITS_MAX = 12
const LETTER_E = 0x65
const LETTER_N = 0x6e
const BORN: Confidence = { plain: 0.9, supported: 0.9, opposed: 0.9 }

const YEAR_DIGITS = 4
const GAPS: ReadonlySet<number> = new Set(['/', '-', '.', '. '].map(gapOf))

const MONTHS =
  'jan(?:uar[iy]?|eiro|vier|uary)?|ene(?:ro)?|feb(?:ruar[iy]?|rero)?|fév(?:rier)?|fev(?:ereiro|rier)?|mar(?:ch|s|zo|ço)?|märz|apr(?:il)?|abr(?:il)?|avr(?:il)?|ma[iy]|mayo|maio|jun[ei]?|junio|junho|juin|jul[iy]?|julio|julho|juillet|aug(?:ust)?|ago(?:sto)?|août|sept?(?:ember|iembre|embre)?|setembro|set|oct(?:ober|ubre|obre)?|okt(?:ober)?|out(?:ubro)?|nov(?:ember|iembre|embre|embro)?|de[cz](?:ember|embro)?|déc(?:embre)?|dic(?:iembre)?'
/** A day and a month in words, before the year. */
export const IN_WORDS = new RegExp(
  String.raw`(?:\b\d{1,2}(?:st|nd|rd|th|er|º|\.)?(?: de| of)? (?:${MONTHS})\.?,?(?: de| del)? |\b(?:${MONTHS})\.? \d{1,2}(?:st|nd|rd|th)?,? )$`,
  'i',
)
const IN_WORDS_UNITS_MAX = 32

export const birthdate: Recognizer = {
  name: 'birthdate',
  dataClass: 'person.birthdate',
  summary:
    'Dates, in numbers or with the name of the month, near a word for birth in English, Spanish, French, German or Portuguese.',
  optIn: false,
  words: wordsOf(
    'born birth* dob bday naci nacid* nacim* nac cumple* cumplo',
    'nee naissance* anniversaire* geboren* geb geburt* nasci nascid*',
    'nascimento* nasc aniversario* faco',
  ),
  once: true,
  finder: () => ({ on: 'number', find: findBirthdates }),
}

function findBirthdates(run: NumberRun, report: Report): void {
  for (let group = 0; group < run.groups; group += 1) {
    const end = numericEnd(run, group)
    if (end > 0) {
      propose(run.text, run.start(group), run.end(end - 1), report)
      group = end - 1
    } else if (isYear(run, group)) findInWords(run, group, report)
  }
}

function propose(text: string, start: number, end: number, report: Report): void {
  if (!startsWord(text, start) || !endsWord(text, end) || isTiedBefore(text, start)) return
  report(start, end, isBornFrench(text, start) ? BORN : CONFIDENCE)
}

function isBornFrench(text: string, start: number): boolean {
  const last = text.charCodeAt(start - 2)
  if (text.charCodeAt(start - 1) !== 0x20 || (last !== LETTER_E && last !== LETTER_N)) return false
  return BORN_FRENCH.test(text.slice(Math.max(0, start - BORN_UNITS_MAX), start))
}

/** The group behind a date in three numbers with one sign between them, or of eight digits; 0 where there is none. */
function numericEnd(run: NumberRun, from: number): number {
  if (from + 3 > run.groups) return 0
  const gap = run.gap(from)
  if (gap !== run.gap(from + 1) || !GAPS.has(gap)) return 0
  const [a, b, c] = [run.size(from), run.size(from + 1), run.size(from + 2)]
  if (b > 2) return 0
  const yearFirst = a === YEAR_DIGITS && isYear(run, from) && c <= 2
  const yearLast = a <= 2 && (c === 2 || isYear(run, from + 2))
  return yearFirst || yearLast ? from + 3 : 0
}

function findInWords(run: NumberRun, group: number, report: Report): void {
  const { text } = run
  const year = run.start(group)
  // A month, a comma or a full stop, and a blank.
  if (text.charCodeAt(year - 1) !== 0x20 || !isMonthEnd(text.charCodeAt(year - 2))) return
  const from = Math.max(0, year - IN_WORDS_UNITS_MAX)
  const words = IN_WORDS.exec(text.slice(from, year))
  if (words !== null) propose(text, from + words.index, run.end(group), report)
}

function isMonthEnd(unit: number): boolean {
  return unit === 0x2c || unit === 0x2e || (unit >= 0x61 && unit <= 0x7a)
}
