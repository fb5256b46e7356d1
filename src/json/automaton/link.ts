/**
 * A link: the number of a state, and in its lowest bits what is to be done there, so that one look into the table tells
 * the walk all it must know of most items.
 */
import type { State } from './state.ts'

/** A leaf here is edited or counted, or begins a scope, or is an id. */
export const LEAF_WORK = 1
/** The leaf must be whole for that. */
export const LEAF_HELD = 2
/** Something is to be done where an array, an object opens here. */
export const OPEN_ARRAY = 4
export const OPEN_OBJECT = 8
/** The leaf is removed, and nothing else. */
export const LEAF_GOES = 16
/** Elements here must be counted: indices or slices select some. */
export const COUNTS_ELEMENTS = 32
/** All that is to be done where an array, an object opens here is that scopes begin. */
export const ARRAY_SCOPE = 64
export const OBJECT_SCOPE = 128
/** Names of the members are looked at. */
export const CHECKS_NAMES = 256
/** The leaf is removed, and more is to be done: the scanner leaves it alone. */
export const LEAF_ALONE = 512
const LINK_BITS = 10

/** The link to a state. */
export function linkTo(number: number, state: State): number {
  return (number << LINK_BITS) | workOf(state)
}

/** The state that a link leads to. */
export function stateOf(link: number): number {
  return link >> LINK_BITS
}

function workOf(state: State): number {
  const { onLeaf, onArray, onObject, opens, ids } = state
  const isHeld = ids.length > 0 || onLeaf.leaf?.kind === 'transform'
  const isCounted = onLeaf.leaf !== undefined || onLeaf.counters.length > 0
  const isScope = opens.length > 0
  const changesArray = onArray.container !== undefined || state.needsLength
  const changesObject = onObject.container !== undefined || onObject.memberName !== undefined
  return (
    (isHeld || isCounted || isScope ? LEAF_WORK : 0) |
    (isHeld ? LEAF_HELD : 0) |
    (onLeaf.leaf?.kind !== 'suppress' ? 0 : isScope || isHeld ? LEAF_ALONE : LEAF_GOES) |
    (changesArray || isScope ? OPEN_ARRAY : 0) |
    (changesObject || isScope ? OPEN_OBJECT : 0) |
    (isScope && !changesArray ? ARRAY_SCOPE : 0) |
    (isScope && !changesObject ? OBJECT_SCOPE : 0) |
    (state.countsElements ? COUNTS_ELEMENTS : 0) |
    (onObject.foreignName === undefined ? 0 : CHECKS_NAMES)
  )
}
