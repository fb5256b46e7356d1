/** Leaves of documents as operators see them, and when two of them are the same value. */
import { compareDecimals } from '../../json/evaluate/decimal.ts'
import type { Leaf } from '../../json/program-source.ts'
import {
  decodeString,
  KIND_FALSE,
  KIND_NULL,
  KIND_NUMBER,
  KIND_STRING,
  KIND_TRUE,
  type Tape,
} from '../../json/tape/tape.ts'
import { sourceText } from '../../json/tape/text.ts'

const TYPES: Readonly<Record<number, Leaf['type']>> = {
  [KIND_NULL]: 'null',
  [KIND_TRUE]: 'boolean',
  [KIND_FALSE]: 'boolean',
  [KIND_NUMBER]: 'number',
  [KIND_STRING]: 'string',
}
const JSON_NUMBER = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/
/** No number of a document is longer unless a limit was moved; a longer text is not taken for one. */
const NUMBER_UNITS_MAX = 1_024
const LINE_ENDS = /\r\n?/g

/** The leaf at `node`; undefined for an object or array. */
export function leafAt(tape: Tape, node: number): Leaf | undefined {
  const type = TYPES[tape.kind[node] ?? -1]
  if (type === undefined) return undefined
  const start = tape.start[node] ?? 0
  const end = tape.end[node] ?? 0
  const text =
    type === 'string'
      ? decodeString(tape.bytes, start + 1, end - 1)
      : sourceText(tape.bytes, start, end)
  return { type, text } as Leaf
}

/** The leaf that a JSON text is; undefined for an object or array. */
export function leafOfJson(json: string): Leaf | undefined {
  const value: unknown = JSON.parse(json)
  if (value === null) return { type: 'null', text: 'null' }
  if (typeof value === 'string') return { type: 'string', text: value }
  if (typeof value === 'boolean') return { type: 'boolean', text: value ? 'true' : 'false' }
  // As it is written: a double would not hold every number.
  return typeof value === 'number' ? { type: 'number', text: json.trim() } : undefined
}

/** True for the same type and value. Numbers are compared by value: 1, 1.0 and 1e0 are the same. */
export function sameLeaf(a: Leaf, b: Leaf): boolean {
  if (a.type !== b.type) return false
  return a.type === 'number' ? compareDecimals(a.text, b.text) === 0 : a.text === b.text
}

/**
 * True where a form may have made `returned` of `shown`: blanks at the ends trimmed, line ends changed, text normalised to NFC
 * or from it, numbers and booleans written as text or the other way round, null as an empty text. Used only to keep what is
 * there, so that being generous loses nothing.
 */
export function mayBeReturned(returned: Leaf, shown: Leaf): boolean {
  if (sameLeaf(returned, shown)) return true
  const a = formText(returned)
  const b = formText(shown)
  if (a === b) return true
  return isNumber(a) && isNumber(b) && compareDecimals(a, b) === 0
}

function formText({ type, text }: Leaf): string {
  return type === 'null' ? '' : text.normalize('NFC').replaceAll(LINE_ENDS, '\n').trim()
}

function isNumber(text: string): boolean {
  return text.length <= NUMBER_UNITS_MAX && JSON_NUMBER.test(text)
}
