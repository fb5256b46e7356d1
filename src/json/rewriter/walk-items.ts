/**
 * Walks a document item by item (a member with its value, or an element), validates it, and moves the automaton's
 * state along. An item that is not whole when the bytes end is begun anew when more are there: then these functions
 * return -1, and `walk.lead` is where to go on.
 */
import { COLUMN_ELEMENT, COLUMN_OTHER } from '../automaton/key-table.ts'
import { JsonDepthError, JsonSyntaxError } from '../errors.ts'
import { closeContainer, openContainer } from './container.ts'
import { decide } from './decide.ts'
import { CLOSE_WORK, FIRST, ITEM_WORK, OBJECT } from './flags.ts'
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

/**
 * Walks until the bytes end, or a transform needs keys. What is frequent stands in this one loop, what is rare in
 * functions. Throws a JsonInputError where the document is refused.
 */
export function walkItems(walk: Walk): void {
  if (walk.inString && !endString(walk)) return
  const { bytes, view, length } = walk
  const { columns, plan } = walk.automaton
  const { keyBytesMax } = walk.limits
  let at = walk.at
  for (;;) {
    at = nextItem(walk, at)
    if (at < 0) break
    walk.itemStart = at
    let column = COLUMN_ELEMENT
    if ((walk.flags & OBJECT) !== 0) {
      if (bytes[at] !== QUOTE) throw new JsonSyntaxError(at, 'expected a member name')
      const quote = scanPlain(view, at + 1, length)
      const value = afterColon(bytes, quote, length)
      if (value >= 0 && quote - at <= keyBytesMax) {
        walk.nameEnd = quote
        column = COLUMN_OTHER
        if (walk.automaton.usesNames[walk.state] !== 0) {
          column = plan.keys.columnOf(bytes, view, at + 1, quote)
        }
        at = value
      } else {
        at = passName(walk)
        if (at < 0) break
        column = walk.column
      }
    }
    walk.valueStart = at
    const { automaton } = walk
    let child = automaton.next[walk.state * columns + column] as number
    if (child < 0) {
      child = decide(walk, column)
      if (child < 0) break
    }
    const byte = bytes[at] as number
    let end: number
    if (byte === QUOTE) {
      end = scanString(bytes, view, at + 1, length)
      if (end < 0) {
        beginString(walk, child, ~end)
        break
      }
      end += 1
    } else if ((byte | OPEN_FOLD) === OBJECT_OPEN) {
      at = passOpen(walk, child)
      if (at < 0) break
      continue
    } else {
      end = scanScalar(bytes, at, length)
      if (end < 0 || byte < ARRAY_OPEN) end = numberEnds(walk, end)
      if (end < 0) break
    }
    if (((walk.automaton.leafWork[child] as number) | (walk.flags & ITEM_WORK)) !== 0) {
      walk.valueEnd = end
      if (!treatLeaf(walk, child)) break
    }
    walk.flags &= ~FIRST
    walk.index += 1
    at = end
  }
  walk.at = walk.lead
}

/** Passes over a comma, and containers that close; returns where an item begins. */
function nextItem(walk: Walk, from: number): number {
  const { bytes, length } = walk
  let at = from
  for (;;) {
    let byte = at < length ? (bytes[at] as number) : SPACE
    if (byte <= SPACE) {
      at = skipSpace(bytes, at, length)
      walk.lead = at
      if (at === length) return -1
      byte = bytes[at] as number
    }
    walk.lead = at
    const { flags, depth } = walk
    if ((flags & FIRST) === 0 && byte === COMMA && depth > 0) {
      at += 1
      if (at < length && (bytes[at] as number) > SPACE) return at
      at = heldSpace(walk, at)
      return at < length ? at : -1
    }
    const close = (flags & OBJECT) !== 0 ? OBJECT_CLOSE : depth > 0 ? ARRAY_CLOSE : NO_CLOSE
    if (byte !== close) {
      if ((flags & FIRST) !== 0) return at
      throw new JsonSyntaxError(at, 'expected a comma or the end')
    }
    at += 1
    passClose(walk, at)
  }
}

/** Goes on with the container around the one that ends before `at`. */
function passClose(walk: Walk, at: number): void {
  const depth = walk.depth - 1
  walk.depth = depth
  if ((walk.flags & CLOSE_WORK) !== 0) closeContainer(walk, at)
  const level = depth * LEVEL_SIZE
  const { stack } = walk
  walk.state = stack[level] as number
  walk.flags = stack[level + 1] as number
  walk.index = stack[level + 2] as number
}

/** The first byte from `from` on that is no plain character of a string, or the length. */
function scanPlain(view: DataView, from: number, length: number): number {
  let at = from
  while (at + 4 <= length) {
    const stops = stopsIn(view.getInt32(at, true))
    if (stops !== 0) return at + ((31 - Math.clz32(stops & -stops)) >> 3)
    at += 4
  }
  return length
}

/** Where the value begins after a quote, a colon and at most one space; -1 where they are not there. */
function afterColon(bytes: Uint8Array, quote: number, length: number): number {
  if (quote + 3 >= length || bytes[quote] !== QUOTE || bytes[quote + 1] !== COLON) return -1
  const at = bytes[quote + 2] === SPACE ? quote + 3 : quote + 2
  return (bytes[at] as number) > SPACE ? at : -1
}

/** Passes over a member's name and colon, however they are written; returns where the value begins. */
function passName(walk: Walk): number {
  const quote = oddName(walk, walk.itemStart + 1)
  if (quote < 0) return -1
  walk.nameEnd = quote
  const colon = skipHeldColon(walk, quote + 1)
  if (colon < 0) return -1
  const at = heldSpace(walk, colon)
  return at < walk.length ? at : -1
}

/** Opens the container at hand, whose state is `child`. */
function passOpen(walk: Walk, child: number): number {
  const { valueStart, depth } = walk
  if (depth >= walk.limits.depthMax) throw new JsonDepthError(valueStart, 'deeper than the limit')
  const isObject = walk.bytes[valueStart] === OBJECT_OPEN
  let inside = child
  let flags = isObject ? FIRST | OBJECT : FIRST
  if (walk.automaton.worksOnOpen(child, isObject) || (walk.flags & ITEM_WORK) !== 0) {
    inside = openContainer(walk, child)
    if (inside < 0) return -1
    flags |= walk.openFlags
  }
  walk.push()
  walk.depth = depth + 1
  walk.state = inside
  walk.flags = flags
  walk.index = 0
  return valueStart + 1
}
