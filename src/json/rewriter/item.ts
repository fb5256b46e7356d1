/** Keeps or removes the item at hand: its comma, its name. */
import { JsonOperatorError } from '../errors.ts'
import { FIRST, NONE_KEPT, RENAMES } from './flags.ts'
import { decodeText } from './string-text.ts'
import type { Walk } from './walk.ts'

/** The item stays, with its name edited where that is asked for. A comma after removed items goes with them. */
export function keepItem(walk: Walk): void {
  const { flags, output } = walk
  if ((flags & NONE_KEPT) !== 0) {
    output.copyTo(walk.lead)
    output.copied = walk.itemStart
    walk.flags = flags & ~NONE_KEPT
  }
  if ((flags & RENAMES) !== 0) renameItem(walk)
}

/** The item goes, and the comma before it; all of it but its end is decided now. */
export function removeItem(walk: Walk): void {
  walk.output.copyTo(walk.lead)
  if ((walk.flags & FIRST) !== 0) walk.flags |= NONE_KEPT
}

function renameItem(walk: Walk): void {
  const { memberName } = walk.stateAt(walk.state).onObject
  if (memberName === undefined) return
  const name = decodeText(walk.bytes, walk.itemStart + 1, walk.nameEnd)
  let renamed: string
  try {
    renamed = memberName(name, walk.counts)
  } catch (cause) {
    throw new JsonOperatorError(walk.itemStart, 'an operator failed on a member name', { cause })
  }
  walk.counts.commit(walk.counts.take(), walk.scopes)
  walk.syncAutomaton()
  if (renamed === name) return
  walk.output.replaceString(walk.itemStart, walk.nameEnd + 1, renamed)
}
