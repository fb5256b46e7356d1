/**
 * Looks over a filter's candidate for the members that simple filters read, one level deep and without an allocation,
 * and checks it on the way. What it finds stands on a tape of the candidate and those members only.
 */
import * as keyTable from '../automaton/key-table.ts'
import type { Budget } from '../evaluate/budget.ts'
import type { Run } from '../evaluate/run.ts'
import { JsonDepthError, JsonSyntaxError } from '../errors.ts'
import * as tapes from '../tape/tape.ts'
import { heldEnd } from './hold.ts'
import { skipSpace } from './scan-scalar.ts'
import { scanString } from './scan-string.ts'
import { ShallowTape } from './shallow-tape.ts'
import { skipColon, skipValue } from './skip-value.ts'
import type { Walk } from './walk.ts'

const { COLUMN_OTHER } = keyTable
const { FLAG_ESCAPED_NAME, FLAG_ESCAPED_STRING } = tapes
const { KIND_ARRAY, KIND_FALSE, KIND_NULL, KIND_NUMBER, KIND_OBJECT, KIND_STRING, KIND_TRUE } =
  tapes

const SPACE = 0x20
const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const ARRAY_OPEN = 0x5b
const BACKSLASH = 0x5c
const LETTER_F = 0x66
const LETTER_N = 0x6e
const LETTER_T = 0x74
const OBJECT_OPEN = 0x7b
const OBJECT_CLOSE = 0x7d

/** One for all walks: it is read before the next look-ahead, and no walk is left in between. */
const tape = new ShallowTape()
const run: { tape: ShallowTape; root: number; budget: Budget | undefined } = {
  tape,
  root: 0,
  budget: undefined,
}

/** False where a tape of the outermost candidate must decide, so that deep documents take linear time. */
export function canLookAhead(walk: Walk): boolean {
  const isObject = walk.bytes[walk.valueStart] === OBJECT_OPEN
  return !isObject || walk.held.allowsLookAhead(walk.valueStart)
}

/**
 * What simple filters are run over for the value at hand, which is node 0; undefined where it is not whole. Throws a
 * JsonInputError.
 */
export function lookAhead(walk: Walk): Run | undefined {
  const kind = kindOf(walk.bytes[walk.valueStart] as number)
  tape.begin(walk.bytes, kind, walk.valueStart)
  if (kind === KIND_OBJECT) {
    const end = heldEnd(walk, readMembers(walk))
    if (end < 0) return undefined
    tape.close(end)
    walk.held.lookedTo(end)
  }
  walk.held.candidate = 0
  run.budget = walk.budget
  return run as Run
}

/** Puts the members that filters read on the tape; the position after the object, or -1. */
function readMembers(walk: Walk): number {
  const { bytes, view, length, limits } = walk
  const { keys, filterColumns } = walk.holder.plan
  const depthMax = limits.depthMax - walk.depth - 1
  if (depthMax < 0) throw new JsonDepthError(walk.valueStart, 'deeper than the limit')
  let at = skipSpace(bytes, walk.valueStart + 1, length)
  if (at < length && bytes[at] === OBJECT_CLOSE) return at + 1
  for (;;) {
    if (at >= length) return -1
    if (bytes[at] !== QUOTE) throw new JsonSyntaxError(at, 'expected a member name')
    const nameStart = at + 1
    const nameEnd = scanString(bytes, view, nameStart, length)
    if (nameEnd < 0) return -1
    let column = keys.columnOf(bytes, view, nameStart, nameEnd)
    const isEscaped = column === COLUMN_OTHER && hasEscape(bytes, nameStart, nameEnd)
    if (isEscaped) column = keys.columnOfText(tapes.decodeString(bytes, nameStart, nameEnd))
    let start = nameEnd + 2
    if (start >= length || bytes[nameEnd + 1] !== COLON || (bytes[start] as number) <= SPACE) {
      start = skipColon(walk, nameEnd + 1)
      if (start < 0) return -1
    }
    const end = bytes[start] === QUOTE ? stringEnd(walk, start) : skipValue(walk, start, depthMax)
    if (end < 0) return -1
    if (filterColumns[column] === 1) {
      const kind = kindOf(bytes[start] as number)
      const isEscapedValue = kind === KIND_STRING && hasEscape(bytes, start, end)
      const flags = (isEscaped ? FLAG_ESCAPED_NAME : 0) | (isEscapedValue ? FLAG_ESCAPED_STRING : 0)
      tape.add(kind, flags)
      tape.place(start, end, nameStart, nameEnd)
    }
    at = end < length && (bytes[end] as number) > SPACE ? end : skipSpace(bytes, end, length)
    if (at >= length) return -1
    if (bytes[at] === OBJECT_CLOSE) return at + 1
    if (bytes[at] !== COMMA) throw new JsonSyntaxError(at, 'expected a comma or the end')
    at = skipSpace(bytes, at + 1, length)
  }
}

function stringEnd(walk: Walk, start: number): number {
  const quote = scanString(walk.bytes, walk.view, start + 1, walk.length)
  return quote < 0 ? -1 : quote + 1
}

function hasEscape(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at += 1) if (bytes[at] === BACKSLASH) return true
  return false
}

/** What a value is that begins with this byte. */
function kindOf(first: number): number {
  switch (first) {
    case QUOTE:
      return KIND_STRING
    case ARRAY_OPEN:
      return KIND_ARRAY
    case OBJECT_OPEN:
      return KIND_OBJECT
    case LETTER_T:
      return KIND_TRUE
    case LETTER_F:
      return KIND_FALSE
    case LETTER_N:
      return KIND_NULL
    default:
      return KIND_NUMBER
  }
}
