/**
 * Walks a document item by item (a member with its value, or an element), validates it, and moves the automaton's
 * state along. An item that is not whole when the bytes end is begun anew when more are there: then these functions
 * return -1, and `walk.lead` is where to go on.
 */
import * as keyTable from '../automaton/key-table.ts'
import * as links from '../automaton/link.ts'
import { JsonDepthError, JsonSyntaxError } from '../errors.ts'
import { EVENT_NUMBERS, EVENTS_MAX } from '../scanner/layout.ts'
import { scanner } from '../scanner/scanner.ts'
import type { Scanner } from '../scanner/scanner.ts'
import { closeContainer, openContainer } from './container.ts'
import { decide } from './decide.ts'
import * as flags from './flags.ts'
import { beginString, endItem, endString, scalarEnd, throwSpaceTooLong } from './item-parts.ts'
import { treatLeaf } from './leaf.ts'
import { scanScalar, skipIndent } from './scan-scalar.ts'
import { scanPlain, scanString } from './scan-string.ts'
import { passName } from './names.ts'
import { treatNoted } from './noted.ts'
import * as walks from './walk.ts'
import type { Walk } from './walk.ts'

// Copies: see flags.ts.
const { COLUMN_ELEMENT, COLUMN_OTHER } = keyTable
const { CHECKS_NAMES, COUNTS_ELEMENTS, LEAF_WORK, OPEN_ARRAY, OPEN_OBJECT } = links
const { ABOVE_ROOT, CLOSE_WORK, FIRST, FOREIGN, ITEM_WORK, OBJECT } = flags
const { LEVEL_SIZE } = walks

const SPACE = 0x20
const QUOTE = 0x22
const COMMA = 0x2c
const ZERO = 0x30
const NINE = 0x39
const LETTER_E = 0x65
/** The first four bytes of literals, the first one lowest. */
const NULL = 0x6c6c756e
const TRUE = 0x65757274
const FALS = 0x736c6166
const ARRAY_CLOSE = 0x5d
const OBJECT_OPEN = 0x7b
const OBJECT_CLOSE = 0x7d
/** Set in `{` and not in `[`, which differ in nothing else. */
const OPEN_FOLD = 0x20
/** What lies between the code of an opening bracket and its closing one. */
const OPEN_TO_CLOSE = 2
/** No byte is this: above the root nothing closes. */
const NO_CLOSE = -1

/**
 * Walks until the bytes end, or a transform needs keys. What is frequent stands in this one loop, what is rare in
 * functions. Throws a JsonInputError where the document is refused.
 */
export function walkItems(walk: Walk): void {
  if (walk.inString && !endString(walk)) return
  const { noted } = walk
  walk.noted = undefined
  if (noted !== undefined && !treatNoted(walk, noted, noted.length / EVENT_NUMBERS)) return
  if (scanner === undefined || !scanner.begin(walk.bytes, walk.limits)) {
    walkWith(walk, undefined)
    return
  }
  walk.shareStack(scanner.stack)
  try {
    walkWith(walk, scanner)
  } finally {
    walk.ownStack()
    scanner.end()
  }
}

/** The same, with whatever help there is. */
function walkWith(walk: Walk, help: Scanner | undefined): void {
  const { bytes, length } = walk
  const { numberBytesMax } = walk.limits
  // Of an item that was not whole: its name is looked at anew.
  walk.flags &= ~FOREIGN
  let at = walk.at
  for (;;) {
    const helper = (walk.flags & (ABOVE_ROOT | ITEM_WORK)) === 0 ? help : undefined
    if (helper !== undefined) {
      at = passOver(walk, helper, at)
      if (at < 0) break
    }
    at = nextItem(walk, at)
    if (at < 0) break
    let link = walk.unnamed
    let column = COLUMN_ELEMENT
    if ((walk.flags & OBJECT) !== 0) {
      at = passName(walk, at)
      if (at < 0) break
      column = walk.column
      if (column !== COLUMN_OTHER) link = walk.automaton.linkFor(walk.state, column)
    }
    walk.valueStart = at
    if (link < 0) {
      const { automaton, state } = walk
      link = decide(walk, column)
      if (link < 0) break
      // Only where it has just asked: what it asked for before was another child.
      if (automaton === walk.automaton) helper?.learn(automaton, state, link)
    }
    const byte = bytes[at] as number
    let end: number
    if (byte === QUOTE) {
      end = scanPlain(walk.view, at + 1, length)
      if (end === length || bytes[end] !== QUOTE) {
        end = scanString(bytes, walk.view, end < length ? end : at + 1, length)
        if (end < 0) {
          beginString(walk, link, ~end)
          break
        }
      }
      end += 1
    } else if ((byte | OPEN_FOLD) === OBJECT_OPEN) {
      at = passOpen(walk, link)
      if (at < 0) break
      continue
    } else {
      end = shortScalar(bytes, walk.view, at, length)
      if (end < 0) end = scanScalar(bytes, at, length)
      if (end < 0 || end === length || end - at > numberBytesMax) end = scalarEnd(walk, end)
      if (end < 0) break
    }
    if (((link & LEAF_WORK) | (walk.flags & ITEM_WORK)) !== 0) {
      walk.valueEnd = end
      if (!treatLeaf(walk, links.stateOf(link))) break
    }
    if ((walk.flags & (FIRST | FOREIGN | COUNTS_ELEMENTS)) !== 0) endItem(walk)
    at = end
  }
  walk.at = walk.lead
}

/** Lets the scanner go on as far as it does, and treats what it noted; -1 where a transform needs keys. */
function passOver(walk: Walk, help: Scanner, from: number): number {
  walk.at = from
  let isDone = true
  for (let count = EVENTS_MAX; isDone && count === EVENTS_MAX;) {
    count = help.scan(walk, walk.automaton)
    if (count > 0) isDone = treatNoted(walk, help.events, count)
  }
  walk.readState()
  walk.lead = walk.at
  return isDone ? walk.at : -1
}

/** Passes over a comma, and containers that close; returns where an item begins. */
function nextItem(walk: Walk, from: number): number {
  const { bytes, length } = walk
  let at = from
  for (;;) {
    let byte = at < length ? (bytes[at] as number) : SPACE
    if (byte <= SPACE) {
      at = skipIndent(bytes, walk.view, at, length)
      walk.lead = at
      if (at === length) return -1
      byte = bytes[at] as number
    }
    walk.lead = at
    const open = walk.flags
    if (byte === COMMA && (open & (FIRST | ABOVE_ROOT)) === 0) {
      at += 1
      if (at < length && (bytes[at] as number) > SPACE) return at
      const item = skipIndent(bytes, walk.view, at, length)
      if (item - at > walk.limits.heldBytesMax) throwSpaceTooLong(at)
      return item < length ? item : -1
    }
    if (byte !== closeOf(open)) {
      if ((open & FIRST) !== 0) return at
      throw new JsonSyntaxError(at, 'expected a comma or the end')
    }
    at += 1
    passClose(walk, at)
  }
}

function closeOf(flags: number): number {
  if ((flags & OBJECT) !== 0) return OBJECT_CLOSE
  return (flags & ABOVE_ROOT) === 0 ? ARRAY_CLOSE : NO_CLOSE
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
  walk.readState()
}

/** The end of a literal, or of a number of digits only that something follows; -1 for any other and near the end. */
function shortScalar(bytes: Uint8Array, view: DataView, from: number, length: number): number {
  if (from + 4 >= length) return -1
  const four = view.getInt32(from, true)
  if (four === NULL || four === TRUE) return from + 4
  if (four === FALS && bytes[from + 4] === LETTER_E) return from + 5
  let at = from
  while (at < length && (bytes[at] as number) >= ZERO && (bytes[at] as number) <= NINE) at += 1
  if (at === from || at === length || (bytes[from] === ZERO && at > from + 1)) return -1
  const byte = bytes[at] as number
  return byte === COMMA || byte === OBJECT_CLOSE || byte === ARRAY_CLOSE ? at : -1
}

/** Passes into the container at hand, to which `link` leads, or over it where it is empty. */
function passOpen(walk: Walk, link: number): number {
  const { bytes, valueStart } = walk
  const open = bytes[valueStart] as number
  const isObject = open === OBJECT_OPEN
  if (((link & (isObject ? OPEN_OBJECT : OPEN_ARRAY)) | (walk.flags & ITEM_WORK)) !== 0) {
    return passWorkOpen(walk, link)
  }
  const next = valueStart + 1
  if (next < walk.length && bytes[next] === open + OPEN_TO_CLOSE) {
    if (walk.depth >= walk.limits.depthMax) throwTooDeep(walk)
    endItem(walk)
    return next + 1
  }
  enter(walk, link, isObject ? FIRST | OBJECT : FIRST)
  return next
}

/** The same where something is to be done. */
function passWorkOpen(walk: Walk, link: number): number {
  const isObject = walk.bytes[walk.valueStart] === OBJECT_OPEN
  if (walk.depth >= walk.limits.depthMax) throwTooDeep(walk)
  const inside = openContainer(walk, links.stateOf(link))
  if (inside < 0) return -1
  enter(walk, inside, walk.openFlags | (isObject ? FIRST | OBJECT : FIRST))
  return walk.valueStart + 1
}

/** Goes on inside of the container at hand, where `link` leads. */
function enter(walk: Walk, link: number, kind: number): void {
  if (walk.depth >= walk.limits.depthMax) throwTooDeep(walk)
  walk.push()
  walk.depth += 1
  walk.state = links.stateOf(link)
  walk.flags = kind | (link & (COUNTS_ELEMENTS | CHECKS_NAMES))
  walk.index = 0
  walk.readState()
}

function throwTooDeep({ valueStart }: Walk): never {
  throw new JsonDepthError(valueStart, 'deeper than the limit')
}
