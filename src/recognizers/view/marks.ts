/** What a UTF-16 unit may be a sign of: a text without any of these signs is read as it is. */

/** A character that is undone, as far as is known. */
export const CHARACTER = 1
/** An entity or a percent escape begins. */
export const ESCAPE = 2
/** A tag begins. */
export const TAG = 4
/** Quoted-printable. */
export const EQUALS = 8
/** U+202E. */
export const OVERRIDE = 16

export const ANY = 31

const UNITS = 0x1_0000
const ASCII = 0x80

/** By unit. What is learned of a character never changes: see characters.ts. */
export const MARKS = new Uint8Array(UNITS)
MARKS.fill(CHARACTER, ASCII)
for (const [sign, mark] of [
  ['&', ESCAPE],
  ['%', ESCAPE],
  ['<', TAG],
  ['=', EQUALS],
  ['\u202e', CHARACTER | OVERRIDE],
] as const) {
  MARKS[sign.charCodeAt(0)] = mark
}

/** All marks of the first `length` units. */
export function marksOf(units: Uint16Array, length: number): number {
  const table = MARKS
  let marks = 0
  let at = 0
  for (; at + 4 <= length; at += 4) {
    marks |=
      (table[units[at] as number] as number) |
      (table[units[at + 1] as number] as number) |
      (table[units[at + 2] as number] as number) |
      (table[units[at + 3] as number] as number)
  }
  for (; at < length; at += 1) marks |= table[units[at] as number] as number
  return marks
}

/** The next place from `from` on whose unit has one of the marks; `to` where none has before it. */
export function nextMarked(units: Uint16Array, from: number, to: number, marks: number): number {
  const table = MARKS
  let at = from
  // Four at a time, where none of them is marked.
  while (
    at + 4 <= to &&
    (((table[units[at] as number] as number) |
      (table[units[at + 1] as number] as number) |
      (table[units[at + 2] as number] as number) |
      (table[units[at + 3] as number] as number)) &
      marks) ===
      0
  ) {
    at += 4
  }
  while (at < to && ((table[units[at] as number] as number) & marks) === 0) at += 1
  return at
}
