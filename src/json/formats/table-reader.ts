/**
 * Rows of a table by csv-parse, strictly as RFC 4180 says: it tells of each cell whether it was quoted, so that a cell
 * that does not change can be written as it came. Its parser is driven by hand, since rows are wanted as bytes come.
 */
import { strict as assert } from 'node:assert'
import { Parser } from 'csv-parse'
import { FormatSyntaxError } from './errors.ts'

/** One cell. `quoted`: it stood in quotes. */
export interface Cell {
  readonly text: string
  readonly quoted: boolean
}

/** How a table is written. */
export interface TableForm {
  /** One ASCII character between cells. */
  readonly separator: string
  /** False: there are no quotes, as in text/tab-separated-values. */
  readonly quotes: boolean
  /** What ends each row; the last may lack it. */
  readonly rowEnd: '\r\n' | '\n'
  /** Characters of one row. */
  readonly rowCharsMax: number
}

/** See the file. The header is a row like any other. */
export class TableReader extends Parser {
  #rows: (readonly Cell[])[] = []
  #failed = false

  constructor({ separator, quotes, rowEnd, rowCharsMax }: TableForm) {
    super({
      bom: false,
      cast: (text: string, { quoting }: { readonly quoting: boolean }): Cell => ({
        text,
        quoted: quoting,
      }),
      cast_date: false,
      columns: false,
      delimiter: separator,
      encoding: 'utf8',
      escape: quotes ? '"' : null,
      max_record_size: rowCharsMax,
      quote: quotes ? '"' : null,
      raw: false,
      record_delimiter: [rowEnd],
      relax_column_count: false,
      relax_quotes: false,
      skip_empty_lines: false,
      trim: false,
    })
  }

  /** The rows that are whole with these bytes; `last` says that the table ends here. Throws {@link FormatSyntaxError}. */
  rows(bytes: Buffer, last: boolean): readonly (readonly Cell[])[] {
    if (bytes.length > 0) this.#run((done) => this._transform(bytes, 'utf8', done))
    if (last) this.#run((done) => this._flush(done))
    const rows = this.#rows
    this.#rows = []
    return rows
  }

  /** Called by the parser for each row. */
  override push(row: readonly Cell[] | null): boolean {
    if (row !== null) this.#rows.push(row)
    return true
  }

  #run(step: (done: (error?: Error | null) => void) => void): void {
    let called = false
    step((error) => {
      called = true
      // The parser's messages quote the input.
      this.#failed ||= error !== undefined && error !== null
    })
    if (this.#failed) throw new FormatSyntaxError('the table is not of the form of RFC 4180')
    assert(called, 'the parser works at once')
  }
}
