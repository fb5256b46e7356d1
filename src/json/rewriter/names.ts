/** Passes over the names of members, finds their columns, and sees which of them are to be edited. */
import * as keyTable from '../automaton/key-table.ts'
import * as links from '../automaton/link.ts'
import { JsonSyntaxError } from '../errors.ts'
import { isForeignName } from '../foreign-name.ts'
import * as flags from './flags.ts'
import { heldSpace, oddName, skipHeldColon } from './item-parts.ts'
import { scanPlain, scanString } from './scan-string.ts'
import { decodeText } from './string-text.ts'
import type { Walk } from './walk.ts'

const { COLUMN_OTHER } = keyTable
const { CHECKS_NAMES } = links
const { FOREIGN } = flags

const SPACE = 0x20
const QUOTE = 0x22
const COLON = 0x3a

/** Passes over a member's name and colon; returns where the value begins, and leaves the column of the name. */
export function passName(walk: Walk, from: number): number {
  const { bytes, length } = walk
  if (bytes[from] !== QUOTE) throw new JsonSyntaxError(from, 'expected a member name')
  const quote = scanPlain(walk.view, from + 1, length)
  let value = afterColon(bytes, quote, length)
  if (value >= 0 && quote - from <= walk.limits.keyBytesMax) {
    const isAwaited = ((walk.nameLengths >>> (quote - from - 1)) & 1) !== 0
    const { keys } = walk.holder.plan
    walk.column = isAwaited ? keys.columnOf(bytes, walk.view, from + 1, quote) : COLUMN_OTHER
  } else {
    value = passOddName(walk, from)
    if (value < 0) return -1
  }
  if ((walk.flags & CHECKS_NAMES) !== 0) checkName(walk, from)
  return value
}

/** The same, however they are written. */
function passOddName(walk: Walk, from: number): number {
  const quote = oddName(walk, from + 1)
  if (quote < 0) return -1
  const colon = skipHeldColon(walk, quote + 1)
  if (colon < 0) return -1
  const at = heldSpace(walk, colon)
  return at < walk.length ? at : -1
}

/** Sets FOREIGN where the name that begins at `from` is to be edited. */
function checkName(walk: Walk, from: number): void {
  walk.flags &= ~FOREIGN
  if (walk.column !== COLUMN_OTHER) return
  const quote = scanString(walk.bytes, walk.view, from + 1, walk.length)
  const name = decodeText(walk.bytes, from + 1, quote)
  // Which names a state waits for says nothing of those that other states know.
  if (!isForeignName(name) || walk.holder.plan.keys.columnOfText(name) !== COLUMN_OTHER) return
  walk.flags |= FOREIGN
}

/** Where the value begins after a quote, a colon and at most one space; -1 where they are not there. */
function afterColon(bytes: Uint8Array, quote: number, length: number): number {
  if (quote + 3 >= length || bytes[quote] !== QUOTE || bytes[quote + 1] !== COLON) return -1
  const at = bytes[quote + 2] === SPACE ? quote + 3 : quote + 2
  return (bytes[at] as number) > SPACE ? at : -1
}
