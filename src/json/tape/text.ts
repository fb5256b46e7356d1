/** The text of strings and numbers as they stand in JSON bytes. */
import { strict as assert } from 'node:assert'

const BACKSLASH = 0x5c

const ESCAPES: ReadonlyMap<number, string> = new Map([
  [0x22, '"'],
  [0x5c, '\\'],
  [0x2f, '/'],
  [0x62, '\b'],
  [0x66, '\f'],
  [0x6e, '\n'],
  [0x72, '\r'],
  [0x74, '\t'],
])

/**
 * The string between `start` and `end` (without quotes), escapes decoded. A lone `\ud800` stays a lone surrogate, as
 * RFC 8259 8.2 allows.
 */
export function decodeString(bytes: Uint8Array, start: number, end: number): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let escape = nextEscape(buffer, start, end)
  if (escape < 0) return buffer.toString('utf8', start, end)
  let text = ''
  let at = start
  while (escape >= 0) {
    text += buffer.toString('utf8', at, escape)
    const letter = buffer[escape + 1]
    assert(letter !== undefined && escape + 1 < end, 'an escape without its letter')
    if (letter === 0x75) {
      text += String.fromCharCode(hexUnit(buffer, escape + 2, end))
      at = escape + 6
    } else {
      const decoded = ESCAPES.get(letter)
      assert(decoded !== undefined, 'an escape that JSON does not have')
      text += decoded
      at = escape + 2
    }
    escape = nextEscape(buffer, at, end)
  }
  return text + buffer.toString('utf8', at, end)
}

/** The source text of a number, or of anything else that is ASCII. */
export function sourceText(bytes: Uint8Array, start: number, end: number): string {
  let text = ''
  for (let at = start; at < end; at += 1) text += String.fromCharCode(bytes[at] ?? 0)
  return text
}

/** Where the next backslash stands, or -1. */
function nextEscape(buffer: Buffer, from: number, end: number): number {
  for (let at = from; at < end; at += 1) if (buffer[at] === BACKSLASH) return at
  return -1
}

/** The UTF-16 unit of the four hexadecimal digits at `at`. */
function hexUnit(buffer: Buffer, at: number, end: number): number {
  assert(at + 4 <= end, 'an escape without its digits')
  let unit = 0
  for (let i = at; i < at + 4; i += 1) {
    unit = unit * 16 + hexDigit(buffer[i] ?? 0)
  }
  return unit
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const letter = byte | 0x20
  assert(letter >= 0x61 && letter <= 0x66, 'a digit that is not hexadecimal')
  return letter - 0x57
}
