/** What an answer must look like to be what the rules of its route were written for. */
import { CelosiaError } from '../core/errors.ts'
import { Budget } from '../json/evaluate/budget.ts'
import { selectNodes } from '../json/evaluate/select.ts'
import type { Limits } from '../json/limits.ts'
import type { Query } from '../json/query/ast.ts'
import {
  buildTape,
  KIND_ARRAY,
  KIND_FALSE,
  KIND_NULL,
  KIND_NUMBER,
  KIND_OBJECT,
  KIND_STRING,
  KIND_TRUE,
  type Tape,
} from '../json/tape/tape.ts'

/** The types of JSON (RFC 8259 3). */
export const SHAPE_TYPES = ['object', 'array', 'string', 'number', 'boolean', 'null'] as const
export type ShapeType = (typeof SHAPE_TYPES)[number]

const KINDS: Readonly<Record<ShapeType, readonly number[]>> = {
  object: [KIND_OBJECT],
  array: [KIND_ARRAY],
  string: [KIND_STRING],
  number: [KIND_NUMBER],
  boolean: [KIND_TRUE, KIND_FALSE],
  null: [KIND_NULL],
}

/** What stands at the locations of one query. */
export interface ShapeLine {
  readonly query: Query
  readonly types: readonly ShapeType[]
  /** Whether there must be one. */
  readonly required: boolean
}

export type AnswerShape = readonly ShapeLine[]

/** Tells of a document, in its parts, what is wrong with its shape, without a value of it; undefined: nothing. */
export type ShapeCheck = (parts: readonly Uint8Array[]) => string | undefined

/** Largest document that is held against a shape: it is read in one turn of the event loop, and each value takes some thirty bytes more. */
const SHAPED_BYTES_MAX = 1_048_576

/** The check of a shape. It trusts that its bytes are JSON: the masking engine must have accepted them. */
export function shapeCheck(shape: AnswerShape, limits: Limits): ShapeCheck {
  return (parts) => {
    const length = parts.reduce((sum, part) => sum + part.byteLength, 0)
    if (length > SHAPED_BYTES_MAX) return `more than ${SHAPED_BYTES_MAX} bytes`
    const [first] = parts
    const bytes = parts.length === 1 && first !== undefined ? first : Buffer.concat(parts)
    try {
      const tape = buildTape(bytes, 0, bytes.byteLength, limits)
      const fault = shapeFault(shape, tape, new Budget(limits.filterStepsMax))
      return fault && `no ${fault.types.join(' or ')} at ${fault.query.text}`
    } catch (error) {
      if (error instanceof CelosiaError) return `the shape cannot be decided: ${error.message}`
      throw error
    }
  }
}

/**
 * The first line that does not hold of a document; undefined: all do. Throws a JsonWorkError or a JsonAmbiguousError where a
 * query cannot be decided.
 */
export function shapeFault(shape: AnswerShape, tape: Tape, budget: Budget): ShapeLine | undefined {
  return shape.find(({ query, types, required }) => {
    const nodes = selectNodes(query, tape, budget)
    const kinds = new Set(types.flatMap((type) => KINDS[type]))
    return (
      (required && nodes.length === 0) ||
      nodes.some((node) => !kinds.has(tape.kind[node] as number))
    )
  })
}
