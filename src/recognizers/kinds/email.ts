/** E-mail addresses, with letters of any script; also written with `(at)` and `(dot)`, or with blanks around the sign. */
import { isLetterUnit } from '../checks/edges.ts'
import { certain } from '../recognizer.ts'
import type { Recognizer, Report } from '../recognizer.ts'
import { atWordEnd, findSpelledEmail } from './spelled-email.ts'

/** RFC 5321 4.5.3.1. */
const LOCAL_UNITS_MAX = 64
const DOMAIN_UNITS_MAX = 255
const TOP_LEVEL_UNITS_MIN = 2

const AT = 0x40
const DOT = 0x2e
const HYPHEN = 0x2d
const BLANK = 0x20

// RFC 5322 allows more; what is left out here separates addresses from other text more often than it is part of one.
const LOCAL = new Uint8Array(128)
const DOMAIN = new Uint8Array(128)
for (let unit = 0; unit < 128; unit += 1) {
  const character = String.fromCharCode(unit)
  if (/[A-Za-z0-9._%+'~-]/.test(character)) LOCAL[unit] = 1
  if (/[A-Za-z0-9.-]/.test(character)) DOMAIN[unit] = 1
}

/** Pictures for screens of several densities are called `logo@2x.png`. */
const PICTURE = /^[1-9]x\.(?:png|jpe?g|gif|webp|svg|avif|bmp|ico)$/i
const PLAIN = certain(0.95)
export const email: Recognizer = {
  name: 'email',
  dataClass: 'contact.email',
  summary:
    'E-mail addresses with letters of any script, behind `mailto:`, percent-encoded, and written with `(at)` and `(dot)`.',
  optIn: false,
  words: [],
  finder: () => ({ on: 'character', characters: '@([{', find: findEmail }),
}

function findEmail(text: string, at: number, report: Report): void {
  if (text.charCodeAt(at) !== AT) {
    const behind = atWordEnd(text, at)
    if (behind > 0) findSpelledEmail(text, at, behind, report)
    return
  }
  const start = localStart(text, at)
  const end = start === at ? at : domainEnd(text, at + 1)
  if (end > at + 1) report(start, end, PLAIN)
  else if (mayBeSpelled(text, at)) findSpelledEmail(text, at, at + 1, report)
}

/** True where blanks stand beside the sign, or where the domain goes on behind a blank or a bracket. */
function mayBeSpelled(text: string, at: number): boolean {
  if (text.charCodeAt(at - 1) === BLANK || text.charCodeAt(at + 1) === BLANK) return true
  let end = at + 1
  while (end - at <= LOCAL_UNITS_MAX && isDomain(text.charCodeAt(end))) end += 1
  return ' ([{'.includes(text.charAt(end)) && end < text.length
}

function localStart(text: string, at: number): number {
  const last = Math.max(0, at - LOCAL_UNITS_MAX)
  let start = at
  while (start > last && isLocal(text.charCodeAt(start - 1))) start -= 1
  // A sign at the start is a quotation mark or a bullet.
  while (start < at && ".'~-%".includes(text.charAt(start))) start += 1
  return start
}

const isLocal = (unit: number): boolean => (unit < 128 ? LOCAL[unit] === 1 : isLetterUnit(unit))
const isDomain = (unit: number): boolean => (unit < 128 ? DOMAIN[unit] === 1 : isLetterUnit(unit))

/** The end of the domain that begins at `start`; `start` itself where none does. */
function domainEnd(text: string, start: number): number {
  const last = Math.min(text.length, start + DOMAIN_UNITS_MAX)
  let end = start
  let labelStart = start
  let labels = 0
  while (end < last) {
    const unit = text.charCodeAt(end)
    if (!isDomain(unit)) break
    if (unit === DOT) {
      if (end === labelStart) break
      labels += 1
      labelStart = end + 1
    }
    end += 1
  }
  while (end > start && (text.charCodeAt(end - 1) === DOT || text.charCodeAt(end - 1) === HYPHEN)) {
    end -= 1
  }
  if (labels === 0) return start
  return withTopLevel(text, start, end)
}

/** The end without what cannot be a top-level domain; `start` where nothing is left. */
function withTopLevel(text: string, start: number, end: number): number {
  const domain = text.slice(start, end)
  if (PICTURE.test(domain)) return start
  const whole = withoutSentence(domain)
  const dot = whole.lastIndexOf('.')
  if (dot < 1) return start
  const top = whole.slice(dot + 1)
  if (top.length < TOP_LEVEL_UNITS_MIN) return start
  for (let index = 0; index < top.length; index += 1) {
    const unit = top.charCodeAt(index)
    if (!isLetterUnit(unit) && !top.startsWith('xn--')) return start
  }
  return start + whole.length
}

/** Without a next sentence that begins where no blank is: `example.com.Thanks`. */
function withoutSentence(domain: string): string {
  const dot = domain.lastIndexOf('.')
  const before = domain.lastIndexOf('.', dot - 1)
  const isSentence =
    before > 0 &&
    isCapital(domain.charCodeAt(dot + 1)) &&
    !isCapital(domain.charCodeAt(dot + 2)) &&
    !isCapital(domain.charCodeAt(dot - 1))
  return isSentence ? domain.slice(0, dot) : domain
}

const isCapital = (unit: number): boolean => unit >= 0x41 && unit <= 0x5a
