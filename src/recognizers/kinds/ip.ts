/** Addresses of the Internet Protocol, of both versions, also as networks (`/24`). */
import { endsWord, isWordUnit } from '../checks/edges.ts'
import { ipv6Groups } from '../../core/ip-address.ts'
import { groupValue, isDottedQuad } from '../numbers/number-forms.ts'
import type { NumberRun } from '../numbers/number-run.ts'
import { certain } from '../recognizer.ts'
import type { Confidence, Finder, Recognizer, Report } from '../recognizer.ts'

const V4: Confidence = { plain: 0.75, supported: 0.95, opposed: 0.2 }
const V6 = certain(0.9)
const V6_UNITS_MAX = 45
const V6_GROUPS_MIN = 3
const V6_TEXT = /^[0-9A-Fa-f:]+(?:\.\d{1,3}){0,3}/
const NETWORK = /\/\d{1,3}(?![\d.])/y
const OCTETS = 4
const COLON = 0x3a
/** This host, and loopback: nobody's address. */
const OF_NOBODY: ReadonlySet<number> = new Set([0, 127])

const WORDS = ['ip', 'ipv', 'address*', 'adresse*', 'direccion*', 'endereco*', 'host*', 'login*']

export const ipv4: Recognizer = {
  name: 'ipv4',
  dataClass: 'contact.ip',
  summary:
    'IPv4 addresses in four decimal numbers; what stands behind a word for a version is none.',
  optIn: false,
  words: WORDS,
  against: 'versions',
  finder: () => ({ on: 'number', find: findV4 }),
}

export const ipv6: Recognizer = {
  name: 'ipv6',
  dataClass: 'contact.ip',
  summary: 'IPv6 addresses as RFC 4291 writes them.',
  optIn: false,
  words: WORDS,
  against: 'versions',
  finder: (): Finder => ({ on: 'character', characters: ':', find: findV6 }),
}

function findV4(run: NumberRun, report: Report): void {
  for (let from = 0; from + OCTETS <= run.groups; from += 1) {
    if (from > 0 && isDot(run.gap(from - 1))) continue
    if (!isDottedQuad(run, from) || OF_NOBODY.has(groupValue(run, from))) continue
    const last = from + OCTETS - 1
    const [start, end] = [run.start(from), run.end(last)]
    const { text } = run
    if (!run.startsWord(from) || !run.endsWord(last)) continue
    if (isDotted(text, start - 1, start - 2) || isDotted(text, end, end + 1)) continue
    report(start, withNetwork(text, end), V4)
    from = last
  }
}

const isDot = (unit: number): boolean => unit === 0x2e || unit === 0x2d

/** True where a dot and a word go on: five numbers are no address. */
function isDotted(text: string, dot: number, beyond: number): boolean {
  if (beyond < 0 || beyond >= text.length || !isDot(text.charCodeAt(dot))) return false
  return isWordUnit(text.charCodeAt(beyond))
}

function findV6(text: string, at: number, report: Report): void {
  // Only the first colon of a text is asked on.
  let start = at
  while (start > 0 && at - start < 4 && isHex(text.charCodeAt(start - 1))) start -= 1
  const before = text.charCodeAt(start - 1)
  if (start > 0 && (before === COLON || before === 0x2e || isWordUnit(before))) return
  if (start === at && text.charCodeAt(at + 1) !== COLON) return
  if (!hasGroups(text, at + 1, start === at ? 0 : 1)) return
  const found = V6_TEXT.exec(text.slice(start, start + V6_UNITS_MAX + 1))
  if (found === null) return
  const address = found[0].replace(/:$/, '')
  const groups = address.split(':').filter((group) => group !== '')
  if (groups.length < V6_GROUPS_MIN || !/\d/.test(address)) return
  const end = start + address.length
  if (ipv6Groups(address) === undefined || !endsWord(text, end)) return
  report(start, withNetwork(text, end), V6)
}

/** True where as many groups as an address has at least may stand behind the first colon, `known` before it. */
function hasGroups(text: string, from: number, known: number): boolean {
  let groups = known
  let inside = false
  for (let at = from; at < from + V6_UNITS_MAX; at += 1) {
    const unit = text.charCodeAt(at)
    if (isHex(unit) || unit === 0x2e) {
      if (!inside) groups += 1
      if (groups === V6_GROUPS_MIN) return true
      inside = true
    } else if (unit === COLON) inside = false
    else return false
  }
  return false
}

function withNetwork(text: string, end: number): number {
  NETWORK.lastIndex = end
  const network = NETWORK.exec(text)
  return network === null ? end : end + network[0].length
}

const isHex = (unit: number): boolean =>
  (unit >= 0x30 && unit <= 0x39) || (unit >= 0x41 && unit <= 0x46) || (unit >= 0x61 && unit <= 0x66)
