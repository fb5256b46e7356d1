/**
 * The member names that the queries of a program know, each with a column of the automaton's table. A look-up over raw
 * bytes hashes the first and last four bytes and the length, and compares the whole name before it says yes.
 */

/** The column of an array's element. */
export const COLUMN_ELEMENT = 0
/** The column of a member whose name no query has. */
export const COLUMN_OTHER = 1
const COLUMN_FIRST_NAME = 2
/** A shift looks at these bits of a length or a byte only. */
const LENGTH_MASK = 31
const QUOTE = 0x22

/** A name that can stand in JSON without an escape. Others are found by their decoded text only. */
// oxlint-disable-next-line no-control-regex -- these are the characters that JSON must escape
const NEEDS_ESCAPE = /["\\\u0000-\u001f]/

/** A name that can stand in JSON as it is; the others are found by their decoded text only, and are empty here. */
export interface PlainName {
  /** The first four bytes, lowest first; of a shorter name all of it. */
  readonly first: number
  readonly last: number
  readonly utf8: Buffer
}

const NO_NAME: PlainName = { first: 0, last: 0, utf8: Buffer.alloc(0) }

/** See the file. Built once per program; never grows with a document. */
export class KeyTable {
  /** Columns of a row: elements, other names, and each name. */
  readonly columns: number
  /** By hash, the column of a name, or 0. As many as a power of two. */
  readonly slots: number[]
  /** By column. */
  readonly names: PlainName[]
  readonly #texts: readonly string[]
  readonly #byText: ReadonlyMap<string, number>
  readonly #mask: number

  constructor(names: Iterable<string>) {
    const distinct = [...new Set(names)]
    this.columns = COLUMN_FIRST_NAME + distinct.length
    this.#texts = distinct
    this.#byText = new Map(distinct.map((name, at) => [name, COLUMN_FIRST_NAME + at]))
    let size = 16
    while (size < distinct.length * 4) size *= 2
    this.slots = Array.from({ length: size }, () => 0)
    this.#mask = size - 1
    this.names = Array.from({ length: this.columns }, () => NO_NAME)
    for (const [name, column] of this.#byText) {
      if (!NEEDS_ESCAPE.test(name) && name.isWellFormed()) this.#insert(column, Buffer.from(name))
    }
  }

  /**
   * The bit of a name's length in a mask of 32, where the name can stand in JSON without an escape; else 0. A look at
   * the lengths that a state waits for spares most look-ups.
   */
  lengthBit(column: number): number {
    const { length } = (this.names[column] as PlainName).utf8
    return this.slots.includes(column) ? 1 << (length & LENGTH_MASK) : 0
  }

  /** The same for the first byte of the name; of an empty name it is the quote behind it. */
  initialBit(column: number): number {
    const initial = (this.names[column] as PlainName).utf8[0] ?? QUOTE
    return this.slots.includes(column) ? 1 << (initial & LENGTH_MASK) : 0
  }

  /** The column of a decoded name; COLUMN_OTHER where no query has it. */
  columnOfText(name: string): number {
    return this.#byText.get(name) ?? COLUMN_OTHER
  }

  /** The name of a column; undefined of one that stands for others. */
  nameOf(column: number): string | undefined {
    return this.#texts[column - COLUMN_FIRST_NAME]
  }

  /** The column of the name between `start` and `end`, which has no escapes. `view` is over the same bytes. */
  columnOf(bytes: Uint8Array, view: DataView, start: number, end: number): number {
    const length = end - start
    let first: number
    let last: number
    if (length >= 4) {
      first = view.getInt32(start, true)
      last = view.getInt32(end - 4, true)
    } else {
      first = shortName(bytes, start, length)
      last = first
    }
    let slot = hash(first, last, length) & this.#mask
    for (;;) {
      const column = this.slots[slot] as number
      if (column === 0) return COLUMN_OTHER
      const name = this.names[column] as PlainName
      if (
        name.first === first &&
        name.last === last &&
        name.utf8.length === length &&
        (length <= 8 || sameMiddle(bytes, start, name.utf8))
      ) {
        return column
      }
      slot = (slot + 1) & this.#mask
    }
  }

  #insert(column: number, utf8: Buffer): void {
    const { length } = utf8
    const first = length >= 4 ? utf8.readInt32LE(0) : shortName(utf8, 0, length)
    const last = length >= 4 ? utf8.readInt32LE(length - 4) : first
    this.names[column] = { first, last, utf8 }
    let slot = hash(first, last, length) & this.#mask
    while (this.slots[slot] !== 0) slot = (slot + 1) & this.#mask
    this.slots[slot] = column
  }
}

function hash(first: number, last: number, length: number): number {
  const mixed =
    Math.imul(first, 0x9e3779b1) ^ Math.imul(last, 0x85ebca6b) ^ Math.imul(length, 0xc2b2ae35)
  return mixed ^ (mixed >>> 15)
}

/** A name of up to three bytes as one number. */
function shortName(bytes: Uint8Array, start: number, length: number): number {
  let packed = 0
  for (let at = 0; at < length; at += 1) packed = (packed << 8) | (bytes[start + at] as number)
  return packed
}

/** Compares what lies between the first and last four bytes. */
function sameMiddle(bytes: Uint8Array, start: number, utf8: Buffer): boolean {
  const end = utf8.length - 4
  for (let at = 4; at < end; at += 1) if (bytes[start + at] !== utf8[at]) return false
  return true
}
