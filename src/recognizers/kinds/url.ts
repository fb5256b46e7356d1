/** URLs that carry a credential: a password before the host, or a token in the query or fragment. */
import { isSign, signsOf } from '../checks/edges.ts'
import { certain } from '../recognizer.ts'
import type { Recognizer, Report } from '../recognizer.ts'

const URL_UNITS_MAX = 2_048
const SCHEME_UNITS_MAX = 20
const SURE = certain(0.96)
/** What ends a URL in text (RFC 3986 appendix C), and what is not part of it where it stands last. */
const ENDS = /[\s<>"'`{}|\\^\u2029]/
const NOT_LAST = signsOf('.,;:!?)]')
const PASSWORD = /:\/\/[^/?#@:]*:[^/?#@]+@/
const TOKEN =
  /[?&;#](?:access_token|refresh_token|id_token|api_?key|apikey|key|token|auth|auth_token|authorization|secret|client_secret|password|passwd|pwd|sig|signature|session|sessionid|sid|jwt|code)=[^&#\s]{4,}/i

export const url: Recognizer = {
  name: 'url',
  dataClass: 'secret.url',
  summary:
    'URLs with a password before the host, or with a token, key or session in query or fragment.',
  optIn: false,
  words: [],
  finder: () => ({ on: 'literal', literals: ['://'], find: findUrl }),
}

/** Answers where the URL ends: one inside of another is part of it. */
function findUrl(text: string, at: number, report: Report): number {
  const rest = text.slice(at + 3, at + 3 + URL_UNITS_MAX)
  const stop = rest.search(ENDS)
  const whole = stop < 0 ? rest : rest.slice(0, stop)
  const end = at + 3 + whole.length
  const start = schemeStart(text, at)
  if (start === at) return end
  const url = whole.slice(0, lastUnit(whole))
  if (PASSWORD.test(`://${url}`) || TOKEN.test(url)) report(start, at + 3 + url.length, SURE)
  return end
}

function schemeStart(text: string, at: number): number {
  let start = at
  while (start > 0 && at - start < SCHEME_UNITS_MAX && isSchemeUnit(text.charCodeAt(start - 1)))
    start -= 1
  while (start < at && !isLetter(text.charCodeAt(start))) start += 1
  return start
}

/** The length without the signs that end a sentence or close a bracket. */
function lastUnit(url: string): number {
  let end = url.length
  while (end > 0 && isSign(url, end - 1, NOT_LAST)) end -= 1
  return end
}

const isLetter = (unit: number): boolean => (unit | 0x20) >= 0x61 && (unit | 0x20) <= 0x7a
const isSchemeUnit = (unit: number): boolean =>
  isLetter(unit) ||
  (unit >= 0x30 && unit <= 0x39) ||
  unit === 0x2b ||
  unit === 0x2d ||
  unit === 0x2e
