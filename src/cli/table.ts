/** Tables and lines for terminals. What others wrote, such as the name of an agent, cannot reach the terminal's controls. */

import type { ClassCounts } from '../audit/query/access-view.ts'

/** Columns that are wider are cut. */
const CELL_CHARACTERS_MAX = 80

/** Rows under a header, columns aligned; none where there are no rows. */
export function tableLines(
  header: readonly string[],
  rows: readonly (readonly (string | number | undefined)[])[],
): readonly string[] {
  const table = new TableRows(header)
  for (const row of rows) table.add(row)
  return table.take()
}

/** A table that goes on: the widths of its columns are those of the rows that are taken first. */
export class TableRows {
  readonly #header: readonly string[]
  #rows: (readonly string[])[] = []
  #widths: readonly number[] | undefined

  constructor(header: readonly string[]) {
    this.#header = header
  }

  /** Rows that were not taken. */
  get waiting(): number {
    return this.#rows.length
  }

  add(row: readonly (string | number | undefined)[]): void {
    this.#rows.push(row.map(cellOf))
  }

  /** The lines since the last time; before the first one the header. */
  take(): readonly string[] {
    const cells = this.#rows
    if (cells.length === 0) return []
    if (this.#widths === undefined) cells.unshift(this.#header)
    const widths = (this.#widths ??= this.#header.map((_, i) =>
      Math.max(...cells.map((row) => (row[i] ?? '').length)),
    ))
    this.#rows = []
    return cells.map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
  }
}

function cellOf(value: string | number | undefined): string {
  const text = plainText(String(value ?? '-'))
  return text.length <= CELL_CHARACTERS_MAX ? text : `${text.slice(0, CELL_CHARACTERS_MAX - 1)}…`
}

/** What could end a line, or make a terminal do something: control, format and separator characters. */
const CONTROLS = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/** The text with every control and formatting character replaced, so that it is one line and nothing else. */
export function plainText(text: string): string {
  return text.replaceAll(CONTROLS, '\ufffd')
}

/** A value as one line of JSON that says the same and has none of these characters as it is. */
export function jsonText(value: unknown): string {
  return escapeControls(JSON.stringify(value))
}

/** The same of JSON text on one line. */
export function escapeControls(json: string): string {
  return json.replaceAll(CONTROLS, (character) =>
    Array.from({ length: character.length }, (_, at) => escapeOf(character.charCodeAt(at))).join(
      '',
    ),
  )
}

function escapeOf(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, '0')}`
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
