/** The rare parts of items: names with escapes, white space, and what the bytes end in the midst of. */
import { LEAF_HELD } from '../automaton/automaton.ts'
import {
  JsonHeldError,
  JsonKeyLengthError,
  JsonNumberLengthError,
  JsonStringLengthError,
  JsonSyntaxError,
} from '../errors.ts'
import { decodeString } from '../tape/tape.ts'
import { FIRST, ITEM_WORK } from './flags.ts'
import { treatLeaf } from './leaf.ts'
import { skipSpace } from './scan-scalar.ts'
import { scanString } from './scan-string.ts'
import { NOT_DROPPING, type Walk } from './walk.ts'

const COLON = 0x3a

/**
 * The first byte from `from` on that is no white space, or the length. This white space must be held with the
 * member around it, so it has a limit. Throws a JsonHeldError.
 */
export function heldSpace(walk: Walk, from: number): number {
  const at = skipSpace(walk.bytes, from, walk.length)
  if (at - from > walk.limits.heldBytesMax) {
    throw new JsonHeldError(from, 'more white space within a member than can be held')
  }
  return at
}

/** The position after the colon, or -1 where the bytes end before it. */
export function skipHeldColon(walk: Walk, from: number): number {
  const at = heldSpace(walk, from)
  if (at === walk.length) return -1
  if (walk.bytes[at] !== COLON) throw new JsonSyntaxError(at, 'expected a colon')
  return at + 1
}

/** The quote that ends a name with escapes or near the end of the bytes; -1 where that is not there. */
export function oddName(walk: Walk, nameStart: number): number {
  const { bytes, view, length, limits } = walk
  const end = scanString(bytes, view, nameStart, length)
  if ((end < 0 ? length : end) - nameStart > limits.keyBytesMax) {
    throw new JsonKeyLengthError(nameStart, 'a member name longer than the limit')
  }
  if (end < 0) return -1
  walk.column = walk.automaton.plan.keys.columnOfText(decodeString(bytes, nameStart, end))
  return end
}

/** `end`, or -1 where digits may be to come. `end` is negative or where the number ends as yet. */
export function numberEnds(walk: Walk, end: number): number {
  const { length, valueStart } = walk
  if ((end < 0 ? length : end) - valueStart > walk.limits.numberBytesMax) {
    throw new JsonNumberLengthError(valueStart, 'a number longer than the limit')
  }
  return end < length || (walk.last && walk.depth === 0) ? end : -1
}

/**
 * The bytes end within the string at hand. Where it must be whole, nothing happens; else its treatment is done, and
 * the walk goes on inside of it, at `goOn`.
 */
export function beginString(walk: Walk, child: number, goOn: number): void {
  const work = walk.automaton.leafWork[child] as number
  if ((work & LEAF_HELD) !== 0) {
    if (walk.length - walk.valueStart - 1 > walk.limits.stringBytesMax) {
      throw new JsonStringLengthError(walk.valueStart, 'a string longer than can be held')
    }
    return
  }
  walk.valueEnd = -1
  if ((work | (walk.flags & ITEM_WORK)) !== 0) treatLeaf(walk, child)
  walk.flags &= ~FIRST
  walk.index += 1
  walk.inString = true
  walk.lead = goOn
}

/** Goes on in a string; false where the bytes end before it does. */
export function endString(walk: Walk): boolean {
  const quote = scanString(walk.bytes, walk.view, walk.at, walk.length)
  walk.at = quote < 0 ? ~quote : quote + 1
  if (quote < 0) return false
  walk.inString = false
  if (walk.dropping === walk.depth) {
    walk.dropping = NOT_DROPPING
    walk.output.copied = walk.at
  }
  return true
}
