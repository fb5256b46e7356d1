/** The slow way to a child's state: transitions not worked out yet, and those that predicates decide. */
import { COLUMN_OTHER } from '../automaton/key-table.ts'
import { selectsIndex } from '../automaton/predicates.ts'
import type { State } from '../automaton/state.ts'
import type { Run } from '../evaluate/run.ts'
import * as flags from './flags.ts'
import { holdValue } from './hold.ts'
import { canLookAhead, lookAhead } from './look-ahead.ts'
import type { Walk } from './walk.ts'

const { OBJECT } = flags

/** The link to the state of the child at hand, or -1 where it must be whole before that can be said. */
export function decide(walk: Walk, column: number): number {
  // The root has one state; it is asked for where a filter wants the whole document.
  if (walk.depth === 0) return holdValue(walk) ? walk.automaton.root : -1
  if (!walk.automaton.asks(walk.state, column)) {
    const next = known(walk, column)
    if (column <= COLUMN_OTHER) walk.unnamed = next
    return next
  }
  const verdicts = judge(walk)
  if (verdicts === undefined) return -1
  const next = walk.automaton.choose(walk.state, column, verdicts)
  if (next >= 0) return next
  walk.renewAutomaton()
  return walk.automaton.choose(walk.state, column, verdicts)
}

/** The link where no predicate decides. */
function known(walk: Walk, column: number): number {
  const next = walk.automaton.step(walk.state, column)
  if (next >= 0) return next
  walk.renewAutomaton()
  return walk.automaton.step(walk.state, column)
}

/** Holds 1 for each predicate that selects the child; undefined where that must be whole first. */
function judge(walk: Walk): readonly number[] | undefined {
  const state = walk.stateAt(walk.state)
  const run = state.hasFilters ? candidate(walk, state) : undefined
  if (state.hasFilters && run === undefined) return undefined
  const { predicates } = walk.holder.plan
  const { verdicts } = walk.holder
  const isElement = (walk.flags & OBJECT) === 0
  for (const number of state.predicates) {
    const predicate = predicates[number]
    let selects = false
    if (predicate?.kind === 'filter') {
      selects = run !== undefined && predicate.passes(run, walk.held.candidate)
    } else if (predicate !== undefined && isElement) {
      selects = selectsIndex(predicate, walk.index, walk.arrayLength)
    }
    verdicts[number] = selects ? 1 : 0
  }
  return verdicts
}

/** What filters are run over; `walk.held.candidate` is the child's node. Undefined where it must be whole first. */
function candidate(walk: Walk, state: State): Run | undefined {
  if (state.simpleFilters && canLookAhead(walk)) return lookAhead(walk)
  if (!holdValue(walk)) return undefined
  walk.held.candidate = walk.held.nodeAt(walk.valueStart)
  return walk.held.run(walk.budget)
}
