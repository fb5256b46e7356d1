/** One row of a table, as a document for the program and back. */
import type { Cell } from './table-reader.ts'

/** What a row needs to know of its table. */
export interface RowForm {
  readonly separator: string
  readonly quotes: boolean
}

/** Writes one row anew. */
export interface RowWriter {
  /** As it came. */
  readonly unchanged: () => Buffer
  /** With the values of the document; a member that is gone leaves its cell empty. */
  readonly rewritten: (columns: readonly string[], document: Buffer) => Buffer
}

/** The object of a row: its cells as strings, by the names of the header. Both have as many. */
export function rowDocument(columns: readonly string[], row: readonly Cell[]): Buffer {
  const members = columns.map(
    (name, at) => `${JSON.stringify(name)}:${JSON.stringify(row[at]?.text ?? '')}`,
  )
  return Buffer.from(`{${members.join(',')}}`)
}

/** See {@link RowWriter}. */
export function rowWriter(row: readonly Cell[], form: RowForm): RowWriter {
  const write = (cells: readonly Cell[]): Buffer =>
    Buffer.from(cells.map((cell) => written(cell, form)).join(form.separator))
  return {
    unchanged: () => write(row),
    rewritten: (columns, document) => {
      const value: unknown = JSON.parse(document.toString())
      return write(row.map((cell, at) => changed(cell, textOf(value, columns[at] ?? ''), form)))
    },
  }
}

/** What the document has for a column. Where the row as a whole was replaced, each cell has what stands for it. */
function textOf(value: unknown, column: string): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return asText(value)
  return Object.hasOwn(value, column) ? asText((value as Record<string, unknown>)[column]) : ''
}

function asText(value: unknown): string {
  if (typeof value === 'string') return value
  return value === null ? '' : JSON.stringify(value)
}

function changed(cell: Cell, text: string, { separator, quotes }: RowForm): Cell {
  if (text === cell.text) return cell
  // Without quotes there is no way to write a separator or an end of row.
  if (!quotes) return { text: text.replaceAll(/[\t\r\n]/g, ' '), quoted: false }
  return { text, quoted: cell.quoted || /["\r\n]/.test(text) || text.includes(separator) }
}

function written({ text, quoted }: Cell, { quotes }: RowForm): string {
  return quotes && quoted ? `"${text.replaceAll('"', '""')}"` : text
}
