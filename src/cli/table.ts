/** Tables and lines for terminals. What others wrote, such as the name of an agent, cannot reach the terminal's controls. */

import type { ClassCounts } from '../audit/query/access-view.ts'

/** Columns that are wider are cut. */
const CELL_CHARACTERS_MAX = 80

/** Rows under a header, columns aligned; none where there are no rows. */
export function tableLines(
  header: readonly string[],
  rows: readonly (readonly (string | number | undefined)[])[],
): readonly string[] {
  if (rows.length === 0) return []
  const cells = [header, ...rows.map((row) => row.map(cellOf))]
  const widths = header.map((_, i) => Math.max(...cells.map((row) => (row[i] ?? '').length)))
  return cells.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

function cellOf(value: string | number | undefined): string {
  const text = plainText(String(value ?? '-'))
  return text.length <= CELL_CHARACTERS_MAX ? text : `${text.slice(0, CELL_CHARACTERS_MAX - 1)}…`
}

/** The text with every control and formatting character replaced, so that it is one line and nothing else. */
export function plainText(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\ufffd')
}

/** Classes on one line: how many locations were shown, masked and revealed, where any were. */
export function classesText(classes: readonly ClassCounts[]): string {
  return classes
    .map(({ class: name, shown, masked, revealed }) => {
      const forms = [
        [shown, 'shown'],
        [masked, 'masked'],
        [revealed, 'revealed'],
      ].flatMap(([count, form]) => (count === 0 ? [] : [`${count} ${form}`]))
      return `${name}: ${forms.join(', ')}`
    })
    .join('; ')
}
