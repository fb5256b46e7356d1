/** Parses the string literals of queries (RFC 9535 2.3.1.1): single or double quotes, JSON's escapes. */
import type { QueryReader } from './reader.ts'

/** Characters that stand for themselves, up to the next quote, escape, control character or half a pair. */
const PLAIN = /[ !#-&(-[\]-\u{d7ff}\u{e000}-\u{10ffff}]+/uy
const UNIT = /[0-9A-Fa-f]{4}/y

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['/', '/'],
  ['\\', '\\'],
])

/** True where a string literal begins. */
export function seesString(reader: QueryReader): boolean {
  return reader.seesAny(`'"`)
}

/** The decoded text of the literal that begins here. Throws a QuerySyntaxError. */
export function parseString(reader: QueryReader): string {
  const quote = reader.character
  reader.take(quote)
  let text = ''
  while (!reader.take(quote)) {
    if (reader.take('\\')) text += parseEscape(reader, quote)
    else if (seesString(reader)) {
      text += reader.character
      reader.take(reader.character)
    } else {
      text += reader.takePattern(PLAIN) ?? failInside(reader, quote)
    }
  }
  return text
}

function failInside(reader: QueryReader, quote: string): never {
  if (reader.done) reader.fail(`the closing ${quote}`)
  return reader.fail('a character of the string (control characters only as an escape)')
}

function parseEscape(reader: QueryReader, quote: string): string {
  const letter = reader.character
  if (letter === quote) {
    reader.take(letter)
    return letter
  }
  if (reader.take('u')) return parseUnicode(reader)
  const decoded = ESCAPES.get(letter)
  if (decoded === undefined) {
    return reader.fail(`one of b f n r t / \\ ${quote} or u and four hexadecimal digits`)
  }
  reader.take(letter)
  return decoded
}

/** Half a surrogate pair is refused: no text of Unicode holds it. */
function parseUnicode(reader: QueryReader): string {
  const start = reader.position
  const unit = parseUnit(reader)
  if (unit < 0xd800 || unit > 0xdfff) return String.fromCharCode(unit)
  if (unit >= 0xdc00)
    return reader.fail('the first half of a surrogate pair before the second', start)
  if (!reader.take('\\u')) return reader.fail('the second half of the surrogate pair')
  const second = reader.position
  const low = parseUnit(reader)
  if (low < 0xdc00 || low > 0xdfff) {
    return reader.fail('the second half of the surrogate pair', second)
  }
  return String.fromCharCode(unit, low)
}

function parseUnit(reader: QueryReader): number {
  const digits = reader.takePattern(UNIT)
  return digits === undefined ? reader.fail('four hexadecimal digits') : Number.parseInt(digits, 16)
}
