/** What compiled queries and filters have in common while they run over one tape. */
import type { LogicalExpression } from '../query/ast.ts'
import type { Tape } from '../tape/tape.ts'
import type { Budget } from './budget.ts'

export interface Run {
  readonly tape: Tape
  /** The node that `$` means. */
  readonly root: number
  readonly budget: Budget
}

/** Is told each node selected, in order; true means that no more are wanted. */
export type Sink = (node: number) => boolean

/** Selects from `node` on. Returns true where the sink wanted no more. */
export type Visitor = (run: Run, node: number, sink: Sink) => boolean

/** A compiled filter: whether the candidate passes. */
export type Test = (run: Run, candidate: number) => boolean

/** Compiles filters; handed down, because queries hold filters and filters hold queries. */
export type CompileTest = (test: LogicalExpression) => Test
