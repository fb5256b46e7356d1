/** Compiles queries and treatments to a program over bytes, and runs it over whole documents. */
import { AutomatonHolder } from './automaton/automaton.ts'
import { notesOn } from './automaton/notes.ts'
import type { Exposures, Program, ProgramSource } from './program-source.ts'
import { DocumentRewriter } from './rewriter/document-rewriter.ts'
import { WalkPool } from './rewriter/walk-pool.ts'
import { JsonOperatorError } from './errors.ts'

/**
 * The program of these targets and scopes. Throws an AssertionError where `resolve` names counters that are not
 * there, a constant that is no JSON, or a transform for a container.
 */
export function compileProgram(source: ProgramSource): Program {
  const holder = new AutomatonHolder(source)
  const walks = new WalkPool(source, holder)
  return {
    start: (collect, reader) => new DocumentRewriter(walks, collect, reader),
    notes: notesOn(source),
    placesFull: () => holder.plan.places?.isFull ?? false,
  }
}

/** A document after its run. */
export interface MaskedDocument {
  readonly bytes: Buffer
  readonly exposures: Exposures
}

/**
 * Runs a program over a whole document. `fetchKeys` makes the keys with these ids available before it returns; without
 * it a transform that needs keys fails. Throws a CelosiaError (ERR_JSON_*) where the document is refused.
 */
export function maskDocument(
  program: Program,
  document: Uint8Array,
  fetchKeys?: (keyIds: readonly string[]) => void,
): MaskedDocument {
  const rewriter = program.start()
  let pushed = rewriter.push(document, true)
  while (pushed.kind === 'need') {
    if (fetchKeys === undefined)
      throw new JsonOperatorError(0, 'an operator needs keys that nobody fetches')
    fetchKeys(pushed.keyIds)
    pushed = rewriter.push(NOTHING, true)
  }
  return { bytes: pushed.bytes, exposures: rewriter.exposures() }
}

const NOTHING = new Uint8Array(0)
