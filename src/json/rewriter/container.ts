/** What is to be done where a container opens or closes: edits of the whole, scopes, names, lengths. */
import { stateOf } from '../automaton/link.ts'
import type { Edit, Treatment } from '../program-source.ts'
import * as flags from './flags.ts'
import { holdValue } from './hold.ts'
import { keepItem, removeItem } from './item.ts'
import { NOT_DROPPING, type Walk } from './walk.ts'

const { CLOSE_WORK, RENAMES } = flags

const ARRAY_OPEN = 0x5b
const NULL = Buffer.from('null')

/**
 * Opens the container at hand, whose state is `child`. Returns the link to the state that holds inside and leaves flags in
 * `walk.openFlags`; -1 where the container must be whole first: then nothing has happened.
 */
export function openContainer(walk: Walk, child: number): number {
  const state = walk.stateAt(child)
  const isArray = walk.bytes[walk.valueStart] === ARRAY_OPEN
  const treatment = isArray ? state.onArray : state.onObject
  const edit = treatment.container
  let inside = edit === undefined ? walk.automaton.linkOf(child) : mutedLink(walk, child)
  const insideState = walk.stateAt(stateOf(inside))
  if (isArray && insideState.needsLength) {
    if (!holdValue(walk)) return -1
    walk.setLengthInside(walk.held.childCount(walk.valueStart))
  }
  const { automaton } = walk
  const removes = edit?.kind === 'suppress' && walk.depth > 0
  if (removes) removeItem(walk)
  else keepItem(walk)
  // An operator on the name may have run this program, and filled its automaton.
  if (walk.automaton !== automaton) {
    inside = walk.automaton.linkOf(walk.automaton.adopt(insideState))
  }
  walk.openFlags = state.opens.length > 0 ? CLOSE_WORK : 0
  for (const scope of state.opens) walk.scopes.open(scope, walk.depth)
  if (edit !== undefined) editWhole(walk, edit, treatment)
  else if (!isArray && treatment.memberName !== undefined) walk.openFlags |= RENAMES
  return inside
}

/** The container of this depth ends before `at`, and with it what began with it. */
export function closeContainer(walk: Walk, at: number): void {
  if (walk.dropping === walk.depth) {
    walk.dropping = NOT_DROPPING
    walk.output.copied = at
  }
  walk.scopes.close(walk.depth)
}

function mutedLink(walk: Walk, child: number): number {
  const muted = walk.automaton.muted(child)
  if (muted >= 0) return muted
  const state = walk.stateAt(child)
  walk.renewAutomaton()
  return walk.automaton.muted(walk.automaton.adopt(state))
}

/** Writes what stands in the container's place; what is in it is dropped as it comes. */
function editWhole(walk: Walk, edit: Edit, treatment: Treatment): void {
  for (const counter of treatment.counters) walk.scopes.count(counter, 1)
  const { output, valueStart, depth } = walk
  if (edit.kind === 'constant') output.replace(valueStart, valueStart, edit.json)
  else if (depth === 0) output.replace(valueStart, valueStart, NULL)
  walk.dropping = depth
  walk.openFlags |= CLOSE_WORK
}
