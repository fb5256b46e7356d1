/** The same bytes as others may read them: with escapes undone, in small letters, as one run of base64. */

/** Escapes within escapes are undone so many times. */
const PASSES_MAX = 4

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  apos: "'",
  colon: ':',
  commat: '@',
  gt: '>',
  hyphen: '-',
  lowbar: '_',
  lt: '<',
  nbsp: ' ',
  num: '#',
  period: '.',
  plus: '+',
  quot: '"',
  sol: '/',
}

const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
}

const ESCAPES = new RegExp(
  [
    String.raw`(?<json>(?:\\u[0-9a-fA-F]{4})+)`,
    String.raw`\\u\{(?<braced>[0-9a-fA-F]{1,6})\}`,
    String.raw`\\x(?<hex>[0-9a-fA-F]{2})`,
    String.raw`\\(?<short>[bfnrt"'\\/])`,
    String.raw`%(?<percent>[0-9a-fA-F]{2})`,
    String.raw`&#[xX]0*(?<entityHex>[0-9a-fA-F]{1,6});?`,
    String.raw`&#0*(?<entityDecimal>[0-9]{1,7});?`,
    String.raw`&(?<entity>[a-z]{2,8});`,
    String.raw`=(?<quoted>[0-9a-fA-F]{2})`,
    String.raw`(?<softBreak>=\r?\n)`,
  ].join('|'),
  'g',
)

/** The bytes, and then the bytes with escapes undone once, twice and so on, as long as that changes anything. */
export function unescapedViews(bytes: Buffer): readonly Buffer[] {
  const views = [bytes]
  let text = bytes.toString('latin1')
  for (let pass = 0; pass < PASSES_MAX; pass += 1) {
    const plainer = text.replaceAll(ESCAPES, (whole, ...rest) => {
      return unescape(whole, rest.at(-1) as Readonly<Record<string, string | undefined>>)
    })
    if (plainer === text) break
    text = plainer
    views.push(Buffer.from(text, 'latin1'))
  }
  return views
}

/** The bytes as one run of base64: base64url made standard, white space taken out. */
export function base64View(bytes: Buffer): Buffer {
  const view = Buffer.allocUnsafe(bytes.length)
  let length = 0
  for (const byte of bytes) {
    if (byte === 0x20 || (byte >= 0x09 && byte <= 0x0d)) continue
    view[length] = byte === 0x2d ? 0x2b : byte === 0x5f ? 0x2f : byte
    length += 1
  }
  return view.subarray(0, length)
}

/** What one escape stands for, as the bytes of UTF-8 in a Latin-1 string. */
function unescape(whole: string, groups: Readonly<Record<string, string | undefined>>): string {
  const { json, braced, hex, short, percent, entityHex, entityDecimal, entity, quoted } = groups
  if (json !== undefined) {
    const units = json.split(String.raw`\u`).slice(1)
    return utf8(String.fromCharCode(...units.map((unit) => Number.parseInt(unit, 16))))
  }
  if (short !== undefined) return SHORT_ESCAPES[short] ?? short
  if (entity !== undefined) return ENTITIES[entity] ?? whole
  // URLs and quoted-printable escape bytes; the others escape characters.
  const byte = percent ?? quoted
  if (byte !== undefined) return String.fromCharCode(Number.parseInt(byte, 16))
  const digits = braced ?? hex ?? entityHex
  if (digits !== undefined) return character(Number.parseInt(digits, 16), whole)
  return entityDecimal === undefined ? '' : character(Number(entityDecimal), whole)
}

function character(codePoint: number, whole: string): string {
  return codePoint <= 0x10ffff ? utf8(String.fromCodePoint(codePoint)) : whole
}

function utf8(text: string): string {
  return Buffer.from(text).toString('latin1')
}
