/**
 * Tables (RFC 4180; text/tab-separated-values): each row is a document for the program, an object of strings by the names
 * of the header. What does not change is written as it came; what looks like a formula of a spreadsheet is not touched.
 */
import { Utf8Check } from '../rewriter/utf8-check.ts'
import { FormatLimitError, FormatSyntaxError } from './errors.ts'
import type { Piece, Splitter } from './splitter.ts'
import { TableReader } from './table-reader.ts'
import type { Cell } from './table-reader.ts'
import { rowDocument, rowWriter } from './table-row.ts'

/** Bytes of the header row. */
const HEADER_BYTES_MAX = 65_536
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf])
const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d
const EMPTY = Buffer.alloc(0)

/** How a table is read. */
export interface TableFormat {
  /** One ASCII character between cells. */
  readonly separator: string
  /** False: quotes are characters like any other. */
  readonly quotes: boolean
  /** The names that the header may have. A table without a header is so found out: its first row has others. */
  readonly columns: ReadonlySet<string>
  /** Bytes of one row. */
  readonly recordBytesMax: number
}

/** See the file. */
export function createTableSplitter(format: TableFormat): Splitter {
  return new TableSplitter(format)
}

class TableSplitter implements Splitter {
  readonly #format: TableFormat
  readonly #utf8 = new Utf8Check()
  /** What came before the header is whole. */
  #begun: Buffer = EMPTY
  #reader: TableReader | undefined
  #rowEnd: '\r\n' | '\n' = '\n'
  #columns: readonly string[] | undefined
  /** The last bytes of the body so far: they say whether the last row has its end. */
  #tail: Buffer = EMPTY

  constructor(format: TableFormat) {
    this.#format = format
  }

  take(chunk: Uint8Array, last: boolean): readonly Piece[] {
    this.#check(chunk, last)
    const pieces: Piece[] = []
    const bytes = this.#begin(Buffer.from(chunk), last, pieces)
    if (this.#reader === undefined) return pieces
    this.#tail = Buffer.concat([this.#tail, bytes]).subarray(-2)
    for (const row of this.#reader.rows(bytes, last)) pieces.push(...this.#pieceOf(row))
    if (last && this.#columns === undefined) throw new FormatSyntaxError('the table has no header')
    if (last && this.#tail.at(-1) === LINE_FEED)
      pieces.push({ kind: 'between', bytes: Buffer.from(this.#rowEnd) })
    return pieces
  }

  /** A NUL is no text, and ends it for some readers. */
  #check(chunk: Uint8Array, last: boolean): void {
    if (!this.#utf8.accepts(chunk) || (last && !this.#utf8.whole) || chunk.includes(0)) {
      throw new FormatSyntaxError('the table is no text in UTF-8')
    }
  }

  /** Finds out how rows end, by the first; gives the bytes for the reader. A byte order mark leaves as it came. */
  #begin(chunk: Buffer, last: boolean, pieces: Piece[]): Buffer {
    if (this.#reader !== undefined) return chunk
    const all = Buffer.concat([this.#begun, chunk])
    const end = all.indexOf(LINE_FEED)
    if (end === -1 && !last) {
      if (all.length > HEADER_BYTES_MAX) throw new FormatLimitError('the header is too long')
      this.#begun = all
      return EMPTY
    }
    this.#begun = EMPTY
    this.#rowEnd = all[end - 1] === CARRIAGE_RETURN ? '\r\n' : '\n'
    const { separator, quotes, recordBytesMax: rowCharsMax } = this.#format
    this.#reader = new TableReader({ separator, quotes, rowEnd: this.#rowEnd, rowCharsMax })
    const marked = all.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK)
    if (!marked) return all
    pieces.push({ kind: 'between', bytes: BYTE_ORDER_MARK })
    return all.subarray(BYTE_ORDER_MARK.length)
  }

  // An end of row stands before each row but the first, and behind the last where the body has it.
  #pieceOf(row: readonly Cell[]): Piece[] {
    for (const { text, quoted } of row) {
      if (!quoted && /[\r\n]/.test(text)) throw new FormatSyntaxError('rows end in two ways')
    }
    const writer = rowWriter(row, this.#format)
    if (this.#columns === undefined) {
      this.#columns = this.#header(row)
      return [{ kind: 'between', bytes: writer.unchanged() }]
    }
    const columns = this.#columns
    return [
      { kind: 'between', bytes: Buffer.from(this.#rowEnd) },
      {
        kind: 'record',
        document: rowDocument(columns, row),
        write: (document) => writer.rewritten(columns, document),
      },
    ]
  }

  #header(row: readonly Cell[]): readonly string[] {
    const names = row.map(({ text }) => text)
    if (
      new Set(names).size < names.length ||
      !names.every((name) => this.#format.columns.has(name))
    ) {
      throw new FormatSyntaxError('the header has a name twice, or one that is not declared')
    }
    return names
  }
}
