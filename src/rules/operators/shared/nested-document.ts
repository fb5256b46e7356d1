/** A JSON document inside a string: an operator on each of its leaves, by a masking program of its own. */
import { Buffer } from 'node:buffer'
import { CelosiaError } from '../../../core/errors.ts'
import type { ErrorCode } from '../../../core/errors.ts'
import type { Limits } from '../../../json/limits.ts'
import { compileProgram } from '../../../json/program.ts'
import type { Edit, EditContext, Program, Treatment } from '../../../json/program-source.ts'

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
 * Applies the edit to every leaf of documents; their objects, arrays and member names stay. What it counts is counted for the
 * value that the document stands in. Errors other than those of the document itself pass through.
 */
export function createNestedMask(edit: Edit): MaskNested {
  // A program holds for the limits it was compiled with; the rewriter gives the same object each time.
  const programs = new WeakMap<Limits, Program>()
  // Runs are synchronous, and end before another begins.
  const run: Run = { outer: undefined, counts: [] }
  const counting = countingEdit(edit, run)
  return (text, context) => {
    const { limits } = context
    if (limits.nestedDocumentsMax < 1 || !text.isWellFormed()) return { kind: 'refused' }
    let program = programs.get(limits)
    if (program === undefined) {
      program = leafProgram(counting, limits)
      programs.set(limits, program)
    }
    run.outer = context
    run.counts = []
    try {
      const pushed = program.start().push(Buffer.from(text), true)
      if (pushed.kind === 'need') return pushed
      for (const { counter, by } of run.counts) context.count(counter, by)
      return { kind: 'masked', text: pushed.bytes.toString() }
    } catch (error) {
      if (error instanceof CelosiaError) {
        if (NO_DOCUMENT.has(error.code)) return { kind: 'other' }
        if (BEYOND_LIMITS.has(error.code)) return { kind: 'refused' }
      }
      throw error
    }
  }
}

/** One document on its way. What is counted in it counts only where the whole of it is masked. */
interface Run {
  outer: EditContext | undefined
  counts: { readonly counter: number; readonly by: number }[]
}

/** The same edit, whose counts wait for the document's end. */
function countingEdit(edit: Edit, run: Run): Edit {
  if (edit.kind !== 'transform') return edit
  const count = (counter: number, by: number): void => {
    run.counts.push({ counter, by })
  }
  return {
    kind: 'transform',
    apply: (value, context) =>
      edit.apply(value, { ...(run.outer ?? context), limits: context.limits, count }),
  }
}

function leafProgram(leaf: Edit, limits: Limits): Program {
  const treatment: Treatment = {
    leaf,
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
