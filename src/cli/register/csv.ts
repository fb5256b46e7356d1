/** Tables as CSV (RFC 4180), in which no cell is a formula to a spreadsheet. */
import { plainText } from '../table.ts'

/** What spreadsheets begin a formula with, also behind spaces, also as wide characters. */
const FORMULA = /^[\s'"]*[=+\-@＝＋－＠|%]/u
/** The same behind a semicolon, which separates cells where the comma is that of decimals, quoted or not. */
const FORMULA_BEHIND = /;(?=[\s'"]*[=+\-@＝＋－＠|%])/gu

/**
 * A header and rows. Every text is quoted; one that a spreadsheet would run begins with an apostrophe, which it shows as text.
 * Control characters, line ends among them, are replaced.
 */
export function csvLines(
  header: readonly string[],
  rows: readonly (readonly (string | number | boolean | undefined)[])[],
): readonly string[] {
  return [header, ...rows].map((row) => row.map(csvCell).join(','))
}

function csvCell(value: string | number | boolean | undefined): string {
  if (value === undefined) return ''
  if (typeof value !== 'string') return String(value)
  const text = plainText(value)
  const first = FORMULA.test(value) ? `'${text}` : text
  const safe = first.replaceAll(FORMULA_BEHIND, ";'")
  return `"${safe.replaceAll('"', '""')}"`
}
