/**
 * Text inside of long words: base64, base64url and hexadecimal, also packed with gzip. What is found in one stands for the whole
 * word, since a part of it cannot be replaced.
 */
import { Buffer, isUtf8 } from 'node:buffer'
import { gunzipSync } from 'node:zlib'
import type { Units } from './units.ts'

/** A word of the source, and what it says. */
export interface EncodedToken {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** The 16 digits of a card in base64, without padding; shorter words say too little to hide anything. */
const TOKEN_UNITS_MIN = 22
/** Words of one text that are decoded, also those in other words, and stretches that are turned round. */
const TOKENS_MAX = 4096
/** Characters that all words say together, and bytes that they unpack to, whether those are text or not. */
const UNPACKED_MAX = 2_097_152

const HEXADECIMAL = /^(?:[0-9A-Fa-f]{2})+$/
const GZIP = [0x1f, 0x8b]
/** Bytes that one byte of deflate (RFC 1951) unpacks to at most. */
const UNPACKED_PER_BYTE_MAX = 1_032
const TOO_LARGE = 'ERR_BUFFER_TOO_LARGE'
const CONTROL = /[^\P{Cc}\t\n\r]/u

const TOKEN = new Uint8Array(0x1_0000)
for (let unit = 0; unit < 128; unit += 1) {
  if (/[A-Za-z0-9+/_-]/.test(String.fromCharCode(unit))) TOKEN[unit] = 1
}

/** What may still be decoded for one text. */
export class Allowance {
  #tokens = TOKENS_MAX
  #units = UNPACKED_MAX
  /** True where the text has more in it than was looked at. */
  exceeded = false

  get units(): number {
    return this.#units
  }

  /** False, and {@link exceeded}, where no further word may be decoded, and no stretch turned round. */
  begin(): boolean {
    this.#tokens -= 1
    if (this.#tokens < 0) this.exceeded = true
    return !this.exceeded
  }

  spend(units: number): void {
    this.#units -= units
    if (this.#units < 0) this.exceeded = true
  }
}

/** The words of a source that are text in an encoding. Looks at few characters of a text that has no long words. */
export function encodedTokens(
  source: string,
  memory: Units,
  allowance: Allowance,
): readonly EncodedToken[] {
  const units = memory.of(source)
  const tokens: EncodedToken[] = []
  // A word of this length cannot stand between two places that are so far apart.
  for (let at = TOKEN_UNITS_MIN - 1; at < source.length;) {
    let start = at
    while (start >= 0 && at - start < TOKEN_UNITS_MIN && isTokenUnit(units, start)) start -= 1
    start += 1
    const isShort = at - start < TOKEN_UNITS_MIN - 1
    if (start > at || (isShort && !isTokenUnit(units, at + 1))) {
      at += TOKEN_UNITS_MIN
      continue
    }
    let end = at + 1
    while (isTokenUnit(units, end)) end += 1
    if (end - start >= TOKEN_UNITS_MIN) {
      if (!allowance.begin()) return tokens
      const text = decoded(source.slice(start, end), allowance)
      if (text !== undefined) tokens.push({ start, end: withPadding(source, end), text })
    }
    at = end + TOKEN_UNITS_MIN
  }
  return tokens
}

/** Behind the last unit stands a zero, which is none. */
function isTokenUnit(units: Uint16Array, at: number): boolean {
  return TOKEN[units[at] as number] === 1
}

function withPadding(source: string, end: number): number {
  let at = end
  while (at < end + 2 && source.charCodeAt(at) === 0x3d) at += 1
  return at
}

/** Undefined where the word is no text in one of the encodings. */
function decoded(token: string, allowance: Allowance): string | undefined {
  const encoding = HEXADECIMAL.test(token) ? 'hex' : 'base64'
  const bytes = Buffer.from(token, encoding)
  if (bytes[0] === GZIP[0] && bytes[1] === GZIP[1]) return textOf(unpacked(bytes, allowance))
  const text = textOf(bytes)
  allowance.spend(text?.length ?? 0)
  return text
}

function textOf(bytes: Buffer | undefined): string | undefined {
  if (bytes === undefined || !isUtf8(bytes)) return undefined
  const text = bytes.toString()
  return CONTROL.test(text) ? undefined : text
}

function unpacked(bytes: Buffer, allowance: Allowance): Buffer | undefined {
  try {
    const unpackedBytes = gunzipSync(bytes, { maxOutputLength: Math.max(allowance.units, 1) })
    allowance.spend(unpackedBytes.length)
    return unpackedBytes
  } catch (error) {
    const isLarge = error instanceof RangeError && 'code' in error && error.code === TOO_LARGE
    // What breaks off may have unpacked as much before.
    allowance.spend(isLarge ? UNPACKED_MAX + 1 : bytes.length * UNPACKED_PER_BYTE_MAX)
    return undefined
  }
}
