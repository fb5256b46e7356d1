/** What a side of a comparison is worth: nothing, a node of the tape, or a value from the query. */
import type { Literal } from '../query/ast.ts'
import {
  decodeString,
  FLAG_ESCAPED_STRING,
  KIND_FALSE,
  KIND_NULL,
  KIND_NUMBER,
  KIND_STRING,
  KIND_TRUE,
} from '../tape/tape.ts'
import { sourceText } from '../tape/text.ts'
import { smallNumber } from './decimal.ts'
import type { Run } from './run.ts'

/** A literal, or the result of a function. Never a container. */
export interface Constant {
  readonly kind: number
  /** The string; the source text of a number. */
  readonly text: string
  readonly utf8: Uint8Array
  /** As `smallNumber` says. */
  readonly small: number
}

/** `undefined` is Nothing (RFC 9535 2.3.5.1), a number is a node. */
export type Value = number | Constant | undefined

/** Prepares a literal of a query. */
export function constantOf(literal: Literal): Constant {
  if (typeof literal === 'string') return constant(KIND_STRING, literal)
  if (literal === null) return constant(KIND_NULL, 'null')
  if (typeof literal === 'boolean') return constant(literal ? KIND_TRUE : KIND_FALSE, `${literal}`)
  return constant(KIND_NUMBER, literal.number)
}

/** A count as a value. */
export function constantNumber(value: number): Constant {
  return constant(KIND_NUMBER, String(value))
}

/** A KIND_ of the tape. */
export function kindOf(run: Run, value: number | Constant): number {
  return typeof value === 'number' ? (run.tape.kind[value] ?? KIND_NULL) : value.kind
}

/** The decoded string, or the source text of a number. */
export function textOf(run: Run, value: number | Constant): string {
  if (typeof value !== 'number') return value.text
  const { bytes, kind, start, end } = run.tape
  const from = start[value] ?? 0
  const to = end[value] ?? 0
  run.budget.spendDecoding(to - from)
  if (kind[value] === KIND_STRING) return decodeString(bytes, from + 1, to - 1)
  return sourceText(bytes, from, to)
}

/** True for a string whose bytes are not its text. */
export function isEscaped(run: Run, value: number | Constant): boolean {
  return typeof value === 'number' && ((run.tape.flags[value] ?? 0) & FLAG_ESCAPED_STRING) !== 0
}

function constant(kind: number, text: string): Constant {
  const utf8 = Buffer.from(text, 'utf8')
  const small = kind === KIND_NUMBER ? smallNumber(utf8, 0, utf8.length) : Number.NaN
  return { kind, text, utf8, small }
}
