/** Keeps or removes the item at hand: its comma, its name. */
import { JsonOperatorError } from '../errors.ts'
import * as flags from './flags.ts'
import { skipSpace } from './scan-scalar.ts'
import { scanString } from './scan-string.ts'
import { decodeText } from './string-text.ts'
import type { Walk } from './walk.ts'

const { FIRST, FOREIGN, NONE_KEPT, RENAMES } = flags

/** The item stays, with its name edited where that is asked for. A comma after removed items goes with them. */
export function keepItem(walk: Walk): void {
  const { flags, output } = walk
  if ((flags & NONE_KEPT) !== 0) {
    output.copyTo(walk.lead)
    output.copied = itemStart(walk)
    walk.flags = flags & ~NONE_KEPT
  }
  if ((flags & (RENAMES | FOREIGN)) !== 0) renameItem(walk)
}

/** The item goes, and the comma before it; all of it but its end is decided now. */
export function removeItem(walk: Walk): void {
  walk.output.copyTo(walk.lead)
  if ((walk.flags & FIRST) !== 0) walk.flags |= NONE_KEPT
}

function renameItem(walk: Walk): void {
  const { bytes } = walk
  const { memberName, foreignName } = walk.stateAt(walk.state).onObject
  const rename = memberName ?? foreignName
  if (rename === undefined) return
  const start = itemStart(walk)
  const quote = scanString(bytes, walk.view, start + 1, walk.length)
  const name = decodeText(bytes, start + 1, quote)
  let renamed: string
  try {
    renamed = rename(name, walk.counts)
  } catch (cause) {
    throw new JsonOperatorError(start, 'an operator failed on a member name', { cause })
  }
  walk.counts.commit(walk.counts.take(), walk.scopes)
  walk.syncAutomaton()
  if (renamed !== name) walk.output.replaceString(start, quote + 1, renamed)
}

/** Where the item at hand begins, behind its comma and white space. */
function itemStart({ bytes, flags, lead, length }: Walk): number {
  return (flags & FIRST) !== 0 ? lead : skipSpace(bytes, lead + 1, length)
}
