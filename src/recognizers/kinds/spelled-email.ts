/** E-mail addresses with words for their signs, `jane (at) example (dot) com`, or with blanks around them. */
import { isLetterUnit } from '../checks/edges.ts'
import type { Confidence, Report } from '../recognizer.ts'

const CONFIDENCE: Confidence = { plain: 0.8, supported: 0.9, opposed: 0.8 }

/** Names and labels of one address. */
const PARTS_MAX = 6
const NAME_UNITS_MAX = 64
const LABEL_UNITS_MAX = 63
/** The longest word for a dot, with its brackets and blanks. */
const DOT_UNITS_MAX = 12

const BLANK = 0x20
const DOT = 0x2e

const AT_WORD = /[([{] ?(?:at|arroba|arobase|ät) ?[)\]}]/iy
const DOT_WORD = /[([{] ?(?:dot|punto|point|punkt|ponto) ?[)\]}]/iy
const DOT_WORD_AT_END = /[([{] ?(?:dot|punto|point|punkt|ponto) ?[)\]}] ?$/i
const OPENING = new Set(['(', '[', '{'])

/** Domains with blanks in them are believed where they end in one of these. */
const COMMON_TOP_LEVEL: ReadonlySet<string> = new Set(
  'com org net info biz name edu gov io co eu de at ch es fr pt br it nl be lu uk ie us ca mx ar cl pl se no dk fi me app dev online shop cat'.split(
    ' ',
  ),
)

/** Where the word for the sign ends that begins with a bracket at this place; -1 where none does. */
export function atWordEnd(text: string, at: number): number {
  const next = text.charCodeAt(at + 1) === BLANK ? text.charAt(at + 2) : text.charAt(at + 1)
  if (next !== 'a' && next !== 'A' && next !== 'ä' && next !== 'Ä') return -1
  AT_WORD.lastIndex = at
  const word = AT_WORD.exec(text)
  return word === null ? -1 : at + word[0].length
}

/** Reports the address whose sign, or the word for it, stands from `at` to `behind`. */
export function findSpelledEmail(text: string, at: number, behind: number, report: Report): void {
  const end = domainEnd(text, text.charCodeAt(behind) === BLANK ? behind + 1 : behind)
  if (end < 0) return
  const start = localStart(text, text.charCodeAt(at - 1) === BLANK ? at - 1 : at)
  if (start >= 0) report(start, end, CONFIDENCE)
}

function domainEnd(text: string, from: number): number {
  let start = from
  for (let labels = 1; labels <= PARTS_MAX; labels += 1) {
    const end = labelEnd(text, start)
    if (end === start) return -1
    const next = dotEnd(text, end)
    if (next < 0 || labelEnd(text, next) === next) {
      return labels > 1 && COMMON_TOP_LEVEL.has(text.slice(start, end).toLowerCase()) ? end : -1
    }
    start = next
  }
  return -1
}

/** Where a label begins behind the dot, or the word for one, that stands at `at`; -1 where none stands there. */
function dotEnd(text: string, at: number): number {
  const start = text.charCodeAt(at) === BLANK ? at + 1 : at
  let end = start + 1
  if (text.charCodeAt(start) !== DOT) {
    if (!OPENING.has(text.charAt(start))) return -1
    DOT_WORD.lastIndex = start
    const word = DOT_WORD.exec(text)
    if (word === null) return -1
    end = start + word[0].length
  }
  return text.charCodeAt(end) === BLANK ? end + 1 : end
}

function labelEnd(text: string, start: number): number {
  const last = Math.min(text.length, start + LABEL_UNITS_MAX)
  let end = start
  while (end < last && isLabelUnit(text.charCodeAt(end))) end += 1
  return end
}

function localStart(text: string, from: number): number {
  let end = from
  let start = -1
  for (let names = 1; names <= PARTS_MAX; names += 1) {
    let at = end
    while (at > 0 && end - at < NAME_UNITS_MAX && isNameUnit(text.charCodeAt(at - 1))) at -= 1
    if (at === end) return start
    start = at
    // A full stop with a blank ends a sentence, so that only words join names.
    const dot = DOT_WORD_AT_END.exec(text.slice(Math.max(0, start - DOT_UNITS_MAX), start))
    if (dot === null) return start
    end = start - dot[0].length
    if (text.charCodeAt(end - 1) === BLANK) end -= 1
  }
  return start
}

const isDigit = (unit: number): boolean => unit >= 0x30 && unit <= 0x39
const isLabelUnit = (unit: number): boolean => isDigit(unit) || unit === 0x2d || isLetterUnit(unit)
/** Letters, digits, `_`, `+`, `-`, and a full stop inside of a name. */
const isNameUnit = (unit: number): boolean =>
  isLabelUnit(unit) || unit === 0x5f || unit === 0x2b || unit === DOT
