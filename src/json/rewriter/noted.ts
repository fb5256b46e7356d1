/** Does what the scanner noted at the items that it passed over, in their order. */
import * as layout from '../scanner/layout.ts'
import type { State } from '../automaton/state.ts'
import { closeContainer } from './container.ts'
import { removeLeaf, treatValue } from './leaf.ts'
import type { Walk } from './walk.ts'

// Copies: see flags.ts.
const { EVENT_BITS, EVENT_KIND, EVENT_LEAF, EVENT_NUMBERS, EVENT_OPEN, EVENT_REMOVED } = layout

/**
 * Treats so many events. False where a transform needs keys: then `walk.needed` has their ids, and what is left is in
 * `walk.noted`. Throws what {@link treatValue} throws.
 */
export function treatNoted(walk: Walk, events: Int32Array, count: number): boolean {
  const { depth, flags } = walk
  const { states } = walk.automaton
  const end = count * EVENT_NUMBERS
  // The scanner leaves items alone whose container has them edited or removed.
  walk.flags = 0
  let at = 0
  for (; at < end; at += EVENT_NUMBERS) {
    const what = events[at] as number
    const kind = what & EVENT_KIND
    walk.valueStart = events[at + 1] as number
    walk.valueEnd = events[at + 2] as number
    walk.depth = events[at + 3] as number
    const state = states[what >> EVENT_BITS] as State
    if (kind === EVENT_LEAF) {
      if (!treatValue(walk, state)) break
    } else if (kind === EVENT_OPEN) {
      for (const scope of state.opens) walk.scopes.open(scope, walk.depth)
    } else if (kind === EVENT_REMOVED) removeLeaf(walk, state, events[at + 3] as number)
    else closeContainer(walk, walk.valueEnd)
  }
  walk.depth = depth
  walk.flags = flags
  // Operators may have run this program, and filled its automaton.
  if (at === end) walk.syncAutomaton()
  else walk.noted = events.slice(at, end)
  return at === end
}
