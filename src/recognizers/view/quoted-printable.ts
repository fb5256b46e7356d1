/** Quoted-printable text with its soft line breaks and escapes undone (RFC 2045 6.7). */
import { escapedAt } from './escapes.ts'
import { EQUALS, nextMarked } from './marks.ts'
import type { TextView } from './text-view.ts'
import { ViewBuilder } from './text-view.ts'
import type { Units } from './units.ts'

const TAB = 0x09
const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d
const BLANK = 0x20
/** Blanks between the sign and the end of the line. */
const BLANKS_MAX = 8
/** One `=40` may be part of anything; a soft break or several escapes are quoted-printable. */
const ESCAPES_MIN = 2

/** The view with quoted-printable undone; the same one where the text is none. */
export function withoutQuotedPrintable(below: TextView, memory: Units): TextView {
  const { text } = below
  const units = memory.of(text)
  if (!isQuotedPrintable(units, text.length)) return below
  const next = (from: number): number => nextMarked(units, from, text.length, EQUALS)
  const builder = new ViewBuilder(below)
  let shown = 0
  for (let at = next(0); at < text.length; at = next(at + 1)) {
    const soft = softBreakEnd(units, at)
    const escaped = soft < 0 && isEscape(units, at) ? escapedAt(text, at) : undefined
    if (soft < 0 && escaped === undefined) continue
    builder.keep(shown, at)
    shown = soft < 0 ? at + (escaped?.units ?? 0) : soft
    builder.put(escaped?.character ?? '', at, shown)
    // Of a longer character all escapes are undone.
    at = shown - 1
  }
  builder.keep(shown, text.length)
  return builder.build()
}

function isQuotedPrintable(units: Uint16Array, length: number): boolean {
  let count = 0
  const next = (from: number): number => nextMarked(units, from, length, EQUALS)
  for (let at = next(0); at < length; at = next(at + 1)) {
    if (softBreakEnd(units, at) > 0) return true
    if (isEscape(units, at) && ++count >= ESCAPES_MIN) return true
  }
  return false
}

/** Lower-case digits are no quoted-printable, and stand in `key=value` more often than not. */
function isEscape(units: Uint16Array, at: number): boolean {
  return isDigit(units[at + 1] as number) && isDigit(units[at + 2] as number)
}

const isDigit = (unit: number): boolean =>
  (unit >= 0x30 && unit <= 0x39) || (unit >= 0x41 && unit <= 0x46)

/** Where the line ends that is broken at the sign; -1 where none is. */
function softBreakEnd(units: Uint16Array, sign: number): number {
  let at = sign + 1
  while (at <= sign + BLANKS_MAX && (units[at] === BLANK || units[at] === TAB)) at += 1
  if (units[at] === CARRIAGE_RETURN) at += 1
  return units[at] === LINE_FEED ? at + 1 : -1
}
