/** A JSON document inside a string: an operator on each of its leaves, by a masking program of its own. */
import { Buffer } from 'node:buffer'
import { CelosiaError } from '../../../core/errors.ts'
import type { ErrorCode } from '../../../core/errors.ts'
import type { Limits } from '../../../json/limits.ts'
import { compileProgram } from '../../../json/program.ts'
import type { EditContext, Program, Treatment } from '../../../json/program-source.ts'
import type { OperatorInstance } from '../../operator.ts'

/** What became of a text that may be a JSON document. */
export type Nested =
  | { readonly kind: 'masked'; readonly text: string }
  | { readonly kind: 'need'; readonly keyIds: readonly string[] }
  /** No JSON at all. */
  | { readonly kind: 'other' }
  /** Perhaps JSON, but beyond a limit, or nested too deep in other documents. */
  | { readonly kind: 'refused' }

/** Masks one text. */
export type MaskNested = (text: string, context: EditContext) => Nested

/** What stands for a member name that no schema has. */
const FOREIGN_NAME = '[masked]'

const NO_DOCUMENT: ReadonlySet<ErrorCode> = new Set(['ERR_JSON_SYNTAX', 'ERR_JSON_ENCODING'])
const BEYOND_LIMITS: ReadonlySet<ErrorCode> = new Set([
  'ERR_JSON_DEPTH',
  'ERR_JSON_KEY_LENGTH',
  'ERR_JSON_STRING_LENGTH',
  'ERR_JSON_NUMBER_LENGTH',
  'ERR_JSON_HELD',
])

/**
 * Applies the operator to every leaf of documents; their objects, arrays and member names stay. Errors other than those of the
 * document itself pass through.
 */
export function createNestedMask(inner: OperatorInstance): MaskNested {
  // A program holds for the limits it was compiled with; the rewriter gives the same object each time.
  const programs = new WeakMap<Limits, Program>()
  return (text, { limits }) => {
    if (limits.nestedDocumentsMax < 1 || !text.isWellFormed()) return { kind: 'refused' }
    let program = programs.get(limits)
    if (program === undefined) {
      program = leafProgram(inner, limits)
      programs.set(limits, program)
    }
    try {
      const pushed = program.start().push(Buffer.from(text), true)
      return pushed.kind === 'need' ? pushed : { kind: 'masked', text: pushed.bytes.toString() }
    } catch (error) {
      if (error instanceof CelosiaError) {
        if (NO_DOCUMENT.has(error.code)) return { kind: 'other' }
        if (BEYOND_LIMITS.has(error.code)) return { kind: 'refused' }
      }
      throw error
    }
  }
}

function leafProgram(inner: OperatorInstance, limits: Limits): Program {
  const treatment: Treatment = {
    leaf: inner.leaf,
    container: undefined,
    memberName: undefined,
    foreignName: () => FOREIGN_NAME,
    counters: [],
  }
  return compileProgram({
    targets: [{ query: { text: '$', segments: [] }, reach: 'subtree' }],
    scopes: [],
    counterCount: 0,
    resolve: () => treatment,
    limits: { ...limits, nestedDocumentsMax: limits.nestedDocumentsMax - 1 },
  })
}
