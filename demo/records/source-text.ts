/**
 * Writes a record as JSON source text in one of several spellings that all mean the same. Numbers
 * whose digits matter go in as text and come out as that text; nothing passes through a JavaScript
 * number.
 */

const json = JSON as unknown as { readonly rawJSON: (text: string) => object }

/** A JSON number that keeps its digits, such as an id over 2^53 or `2.50`. */
export function number(text: string): object {
  return json.rawJSON(text)
}

/** How a record is spelled. Servers differ in all of these, and a proxy must not mind. */
export interface Spelling {
  /** Write characters beyond ASCII as `\uXXXX`. */
  readonly escapeUnicode: boolean
  /** Write `/` as `\/`. */
  readonly escapeSlash: boolean
  /** A space after `{`, `,` and `:`. */
  readonly spaces: boolean
}

/** The spellings in the sample data, taken in turn. */
export const SPELLINGS: readonly Spelling[] = [
  { escapeUnicode: false, escapeSlash: false, spaces: false },
  { escapeUnicode: true, escapeSlash: false, spaces: false },
  { escapeUnicode: false, escapeSlash: true, spaces: false },
  { escapeUnicode: false, escapeSlash: false, spaces: true },
]

/** The record on one line. */
export function sourceText(record: unknown, spelling: Spelling): string {
  let text = spelling.spaces
    ? JSON.stringify(record, null, 1).replaceAll(/\n */g, ' ')
    : JSON.stringify(record)
  // Beyond ASCII, and `/`, stand only inside strings, so the text can be treated as a whole.
  if (spelling.escapeUnicode) {
    text = text.replaceAll(/[\u0080-\uffff]/g, (unit) => {
      return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
    })
  }
  return spelling.escapeSlash ? text.replaceAll('/', String.raw`\/`) : text
}

/** Seconds since 1970 as the helpdesk writes an instant, `2026-03-04T10:11:12Z`. */
export function instant(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z')
}

/** 2026-01-01T00:00:00Z. The data is dated around it and never looks at a clock. */
export const NEW_YEAR_SECONDS = Date.UTC(2026, 0, 1) / 1000

/** The origin that stands in the stored data; the running helpdesk puts its own in its place. */
export const STORED_ORIGIN = 'https://helpdesk.example.com'
