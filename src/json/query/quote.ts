/** Writes names and strings as normalized paths do (RFC 9535 2.7). */

const NAMED: ReadonlyMap<string, string> = new Map([
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ["'", "\\'"],
  ['\\', '\\\\'],
])

/** What a single-quoted name cannot hold as it is: control characters, quote, backslash, half a surrogate pair. */
const UNSAFE = /[^ -&(-[\]-\u{d7ff}\u{e000}-\u{10ffff}]/gu

/** The text in single quotes. Half a surrogate pair, which no query can name, is written as its escape. */
export function quote(text: string): string {
  return `'${text.replace(UNSAFE, escaped)}'`
}

function escaped(character: string): string {
  const unit = character.charCodeAt(0).toString(16).padStart(4, '0')
  return NAMED.get(character) ?? `\\u${unit}`
}
