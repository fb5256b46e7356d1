/**
 * Walks a document item by item (a member with its value, or an element), validates it, and moves the automaton's
 * state along. An item that is not whole when the bytes end is begun anew when more are there.
 */
import { OPEN_ARRAY, OPEN_OBJECT } from '../automaton/automaton.ts'
import { COLUMN_ELEMENT, COLUMN_OTHER } from '../automaton/key-table.ts'
import { JsonDepthError, JsonKeyLengthError, JsonSyntaxError } from '../errors.ts'
import { closeContainer, openContainer } from './container.ts'
import { decide } from './decide.ts'
import { CLOSE_WORK, FIRST, NONE_KEPT, OBJECT, RENAMES } from './flags.ts'
import {
  beginString,
  endString,
  heldSpace,
  numberEnds,
  oddName,
  skipHeldColon,
} from './item-parts.ts'
import { treatLeaf } from './leaf.ts'
import { scanScalar, skipSpace } from './scan-scalar.ts'
import { scanString, stopsIn } from './scan-string.ts'
import { LEVEL_SIZE, type Walk } from './walk.ts'

const SPACE = 0x20
const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const ARRAY_OPEN = 0x5b
const ARRAY_CLOSE = 0x5d
const OBJECT_OPEN = 0x7b
const OBJECT_CLOSE = 0x7d
/** Set in `{` and not in `[`, which differ in nothing else. */
const OPEN_FOLD = 0x20
/** No byte is this: above the root nothing closes. */
const NO_CLOSE = -1
/** The item cannot be touched without work, whatever its value. */
const ITEM_WORK = NONE_KEPT | RENAMES

/**
 * Walks until the bytes end, or a transform needs keys. One long loop on purpose: its locals live in registers, and
 * what is rare lies outside. Throws a JsonInputError where the document is refused.
 */
export function walkItems(walk: Walk): void {
  if (walk.inString && !endString(walk)) return
  const { bytes, view, length, limits } = walk
  let { automaton, at, depth, state, flags, index } = walk
  const { columns, plan } = automaton
  let close = closeOf(depth, flags)
  for (;;) {
    let byte = at < length ? (bytes[at] as number) : SPACE
    if (byte <= SPACE) {
      at = skipSpace(bytes, at, length)
      walk.lead = at
      if (at === length) break
      byte = bytes[at] as number
    }
    walk.lead = at
    if ((flags & FIRST) === 0 && byte === COMMA && depth > 0) {
      at += 1
      byte = at < length ? (bytes[at] as number) : SPACE
      if (byte <= SPACE) {
        at = heldSpace(walk, at)
        if (at === length) break
        byte = bytes[at] as number
      }
    } else if ((flags & FIRST) === 0 || byte === close) {
      if (byte !== close) throw new JsonSyntaxError(at, 'expected a comma or the end')
      at += 1
      depth -= 1
      walk.depth = depth
      if ((flags & CLOSE_WORK) !== 0) closeContainer(walk, at)
      const level = depth * LEVEL_SIZE
      state = walk.stack[level] as number
      flags = walk.stack[level + 1] as number
      index = walk.stack[level + 2] as number
      walk.state = state
      close = closeOf(depth, flags)
      continue
    }
    walk.itemStart = at
    let column = COLUMN_ELEMENT
    if ((flags & OBJECT) !== 0) {
      if (byte !== QUOTE) throw new JsonSyntaxError(at, 'expected a member name')
      const nameStart = at + 1
      at = nameStart
      while (at + 4 <= length) {
        const stops = stopsIn(view.getInt32(at, true))
        if (stops !== 0) {
          at += (31 - Math.clz32(stops & -stops)) >> 3
          break
        }
        at += 4
      }
      if (at < length && bytes[at] === QUOTE) {
        column = COLUMN_OTHER
        if (automaton.usesNames[state] !== 0)
          column = plan.keys.columnOf(bytes, view, nameStart, at)
      } else {
        at = oddName(walk, nameStart)
        if (at < 0) break
        column = walk.oddColumn
      }
      if (at - nameStart > limits.keyBytesMax)
        throw new JsonKeyLengthError(nameStart, 'a member name longer than the limit')
      walk.nameEnd = at
      at += 1
      if (at < length && bytes[at] === COLON) at += 1
      else at = skipHeldColon(walk, at)
      if (at < 0) break
      byte = at < length ? (bytes[at] as number) : SPACE
      if (byte <= SPACE) {
        at = heldSpace(walk, at)
        if (at === length) break
        byte = bytes[at] as number
      }
    }
    walk.valueStart = at
    let child = automaton.next[state * columns + column] as number
    if (child < 0) {
      walk.flags = flags
      walk.index = index
      child = decide(walk, column)
      automaton = walk.automaton
      state = walk.state
      if (child < 0) break
    }
    if ((byte | OPEN_FOLD) === OBJECT_OPEN) {
      if (depth >= limits.depthMax) throw new JsonDepthError(at, 'deeper than the limit')
      let inside = byte === OBJECT_OPEN ? FIRST | OBJECT : FIRST
      const kind = byte === OBJECT_OPEN ? OPEN_OBJECT : OPEN_ARRAY
      if ((((automaton.openWork[child] as number) & kind) | (flags & ITEM_WORK)) !== 0) {
        walk.flags = flags
        child = openContainer(walk, child)
        automaton = walk.automaton
        state = walk.state
        if (child < 0) break
        flags = walk.flags
        inside |= walk.openFlags
      }
      walk.push(state, flags & ~FIRST, index + 1)
      depth += 1
      state = child
      flags = inside
      index = 0
      at += 1
      walk.depth = depth
      walk.state = state
      close = closeOf(depth, flags)
      continue
    }
    let end: number
    if (byte === QUOTE) {
      end = scanString(bytes, view, at + 1, length)
      if (end < 0) {
        walk.flags = flags
        if (!beginString(walk, child, ~end)) break
        flags = walk.flags & ~FIRST
        index += 1
        break
      }
      end += 1
    } else {
      end = scanScalar(bytes, at, length)
      if (byte < ARRAY_OPEN && !numberEnds(walk, end)) break
      if (end < 0) break
    }
    if (((automaton.leafWork[child] as number) | (flags & ITEM_WORK)) !== 0) {
      walk.flags = flags
      walk.valueEnd = end
      const done = treatLeaf(walk, child)
      automaton = walk.automaton
      state = walk.state
      if (!done) break
      flags = walk.flags
    }
    at = end
    flags &= ~FIRST
    index += 1
  }
  walk.at = walk.lead
  walk.flags = flags
  walk.index = index
}

function closeOf(depth: number, flags: number): number {
  if ((flags & OBJECT) !== 0) return OBJECT_CLOSE
  return depth === 0 ? NO_CLOSE : ARRAY_CLOSE
}
