/** The text of strings in bytes. */
import { decodeString } from '../tape/tape.ts'

const BACKSLASH = 0x5c

/** The string between `start` and `end` (without quotes), escapes decoded. */
export function decodeText(bytes: Buffer, start: number, end: number): string {
  for (let at = start; at < end; at += 1) {
    if (bytes[at] === BACKSLASH) return decodeString(bytes, start, end)
  }
  return bytes.toString('utf8', start, end)
}
