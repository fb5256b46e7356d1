/**
 * The bytes of an answer as others may read them: with escapes undone, base64 and hexadecimal decoded, UTF-16 made plain,
 * and each of these within the others. Says what stands there, not what it is called; knows nothing of policies.
 */
import { createHash } from 'node:crypto'
import { decodeHTML } from 'entities'

/** One spelling may be wrapped in so many others. */
const DEPTH_MAX = 4
/** Bytes of all views of one answer. */
const VIEW_BYTES_MAX = 8_388_608

/** Escapes of JSON and JavaScript. A pair of surrogates is decoded as one. */
const SCRIPT = /(?:\\u[0-9a-fA-F]{4})+|\\u\{[0-9a-fA-F]{1,6}\}|\\x[0-9a-fA-F]{2}|\\[bfnrt"'\\/]/g
/** Of URLs and of quoted-printable, which escape bytes. */
const BYTES = /[%=]([0-9a-fA-F]{2})/g
const SOFT_BREAK = /=\r?\n/g
const SHORT: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }

/** Shorter runs of these alphabets hold nothing that is looked for. */
const BASE64_RUN = /[A-Za-z0-9+/_-]{10,}/g
const HEX_RUN = /[0-9A-Fa-f]{16,}/g
/** A run may stick to what stands before it. */
const BASE64_STARTS = [0, 1, 2, 3]
const HEX_STARTS = [0, 1]

/** The views, the bytes themselves first; undefined where they would be more than are looked at. */
export function plainViews(bytes: Buffer): readonly Buffer[] | undefined {
  const views: Buffer[] = []
  const known = new Set<string>()
  let level = [bytes]
  let left = VIEW_BYTES_MAX
  for (let depth = 0; depth <= DEPTH_MAX && level.length > 0; depth += 1) {
    const next: Buffer[] = []
    for (const view of level) {
      const digest = createHash('sha256').update(view).digest('base64')
      if (view.length === 0 || known.has(digest)) continue
      known.add(digest)
      left -= view.length
      if (left < 0) return undefined
      views.push(view)
      if (depth < DEPTH_MAX) next.push(...plainer(view))
    }
    level = next
  }
  return views
}

function plainer(view: Buffer): readonly Buffer[] {
  const text = view.toString('latin1')
  const unescaped = unescape(text)
  const joined = text.replaceAll(/[\s\0]/g, '')
  const base64 = joined.match(BASE64_RUN) ?? []
  const hex = joined.match(HEX_RUN) ?? []
  return [
    ...(unescaped === text ? [] : [Buffer.from(unescaped, 'latin1')]),
    ...(text.includes('\0') ? utf16(view) : []),
    ...(base64.length === 0 ? [] : BASE64_STARTS.map((from) => decoded(base64, from, 'base64'))),
    ...(hex.length === 0 ? [] : HEX_STARTS.map((from) => decoded(hex, from, 'hex'))),
  ]
}

function decoded(runs: readonly string[], from: number, encoding: 'base64' | 'hex'): Buffer {
  const parts = runs.flatMap((run) => [
    Buffer.from(run.slice(from), encoding),
    // What was in two texts is no text.
    Buffer.from('\n'),
  ])
  return Buffer.concat(parts)
}

// Each way to pair the bytes, in each order: other alphabets than Latin have no zero bytes of their own.
function utf16(view: Buffer): readonly Buffer[] {
  return [0, 1].flatMap((from) => {
    const even = view.subarray(from, from + ((view.length - from) & ~1))
    const swapped = Buffer.from(even).swap16()
    return [even, swapped].map((bytes) => Buffer.from(bytes.toString('utf16le')))
  })
}

// Texts are bytes in Latin-1 here, so that what was no UTF-8 stays what it was.
function unescape(text: string): string {
  const plain = text.replaceAll(SCRIPT, (escape) => utf8(scriptText(escape)))
  const bytes = plain
    .replaceAll(SOFT_BREAK, '')
    .replaceAll(BYTES, (_whole, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return bytes.includes('&')
    ? utf8(decodeHTML(Buffer.from(bytes, 'latin1').toString('utf8')))
    : bytes
}

function scriptText(escape: string): string {
  if (escape.startsWith(String.raw`\u{`) || escape.startsWith(String.raw`\x`)) {
    const codePoint = Number.parseInt(escape.replace(/^\\(?:u\{|x)/, ''), 16)
    return codePoint <= 0x10ffff ? String.fromCodePoint(codePoint) : escape
  }
  if (escape.startsWith(String.raw`\u`)) {
    const units = escape.split(String.raw`\u`).slice(1)
    return String.fromCharCode(...units.map((unit) => Number.parseInt(unit, 16)))
  }
  const letter = escape.slice(1)
  return SHORT[letter] ?? letter
}

function utf8(text: string): string {
  return Buffer.from(text).toString('latin1')
}
