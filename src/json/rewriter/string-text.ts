/** Strings between bytes and text, with short ways for what is short and plain. */
import { decodeString } from '../tape/tape.ts'

const BACKSLASH = 0x5c

/** The string between `start` and `end` (without quotes), escapes decoded. */
export function decodeText(bytes: Buffer, start: number, end: number): string {
  for (let at = start; at < end; at += 1) {
    if (bytes[at] === BACKSLASH) return decodeString(bytes, start, end)
  }
  return bytes.toString('utf8', start, end)
}

/** True where the text stands in JSON as it is, a byte for each character. */
export function isPlain(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at)
    if (unit < 0x20 || unit > 0x7e || unit === 0x22 || unit === BACKSLASH) return false
  }
  return true
}
