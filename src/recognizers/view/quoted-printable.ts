/** Quoted-printable text with its soft line breaks and escapes undone (RFC 2045 6.7). */
import { escapedAt } from './escapes.ts'
import type { TextView } from './text-view.ts'
import { ViewBuilder } from './text-view.ts'

const SOFT_BREAK = /=[ \t]{0,8}\r?\n/
// Lower-case digits are no quoted-printable, and stand in `key=value` more often than not.
const QUOTED = /=[0-9A-F]{2}|=[ \t]{0,8}\r?\n/g
const QUOTED_MIN = 2

/** The view with quoted-printable undone; the same one where the text is none. */
export function withoutQuotedPrintable(below: TextView): TextView {
  const { text } = below
  if (!isQuotedPrintable(text)) return below
  const builder = new ViewBuilder(below)
  let shown = 0
  for (const { index, 0: escape } of text.matchAll(QUOTED)) {
    // A part of a longer character was shown with its first escape.
    if (index < shown) continue
    const escaped = escape.endsWith('\n')
      ? { character: '', units: escape.length }
      : escapedAt(text, index)
    if (escaped === undefined) continue
    builder.keep(shown, index)
    shown = index + escaped.units
    builder.put(escaped.character, index, shown)
  }
  builder.keep(shown, text.length)
  return builder.build()
}

/** One `=40` may be part of anything; a soft break or several escapes are quoted-printable. */
function isQuotedPrintable(text: string): boolean {
  if (SOFT_BREAK.test(text)) return true
  let count = 0
  for (const _escape of text.matchAll(QUOTED)) if (++count >= QUOTED_MIN) return true
  return false
}
