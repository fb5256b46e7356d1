/** Bytes that are escaped by a sign and two hexadecimal digits: quoted-printable (RFC 2045 6.7), percent (RFC 3986 2.1). */
import { Buffer, isUtf8 } from 'node:buffer'

/** Units of one escape. */
const ESCAPE_UNITS = 3
/** Bytes of one character in UTF-8. */
const CHARACTER_BYTES_MAX = 4

export interface Escaped {
  readonly character: string
  /** UTF-16 units of its escapes. */
  readonly units: number
}

/** The character whose first byte is escaped at a place; undefined where it is a control, or not UTF-8. */
export function escapedAt(text: string, at: number): Escaped | undefined {
  const sign = text.charCodeAt(at)
  const first = byteAt(text, at, sign)
  if (first < 0x20 || first === 0x7f) return undefined
  if (first < 0x80) return { character: String.fromCharCode(first), units: ESCAPE_UNITS }
  const bytes = [first]
  while (bytes.length < CHARACTER_BYTES_MAX) {
    const next = byteAt(text, at + ESCAPE_UNITS * bytes.length, sign)
    if (next < 0x80 || next > 0xbf) break
    bytes.push(next)
  }
  const all = Buffer.from(bytes)
  if (bytes.length === 1 || !isUtf8(all)) return undefined
  const [character = ''] = all.toString()
  return { character, units: ESCAPE_UNITS * Buffer.byteLength(character) }
}

function byteAt(text: string, at: number, sign: number): number {
  if (text.charCodeAt(at) !== sign) return -1
  const [high, low] = [hexValue(text.charCodeAt(at + 1)), hexValue(text.charCodeAt(at + 2))]
  return high < 0 || low < 0 ? -1 : high * 16 + low
}

function hexValue(unit: number): number {
  if (unit >= 0x30 && unit <= 0x39) return unit - 0x30
  const lower = unit | 0x20
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1
}
