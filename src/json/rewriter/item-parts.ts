/** The rare parts of items: names with escapes, white space, and what the bytes end in the midst of. */
import { LEAF_HELD, LEAF_WORK, stateOf } from '../automaton/link.ts'
import {
  JsonHeldError,
  JsonKeyLengthError,
  JsonNumberLengthError,
  JsonStringLengthError,
  JsonSyntaxError,
} from '../errors.ts'
import { decodeString } from '../tape/tape.ts'
import * as flags from './flags.ts'
import { treatLeaf } from './leaf.ts'
import { skipIndent } from './scan-scalar.ts'
import { scanString } from './scan-string.ts'
import { NOT_DROPPING, type Walk } from './walk.ts'

const { FIRST, FOREIGN, ITEM_WORK } = flags

const COLON = 0x3a
/** Numbers begin with a digit or a minus, literals with what is above both. */
const NINE = 0x39

/**
 * The first byte from `from` on that is no white space, or the length. This white space must be held with the
 * member around it, so it has a limit. Throws a JsonHeldError.
 */
export function heldSpace(walk: Walk, from: number): number {
  const at = skipIndent(walk.bytes, walk.view, from, walk.length)
  if (at - from > walk.limits.heldBytesMax) throwSpaceTooLong(from)
  return at
}

/** Throws the JsonHeldError of {@link heldSpace}. */
export function throwSpaceTooLong(from: number): never {
  throw new JsonHeldError(from, 'more white space within a member than can be held')
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
  const name = decodeString(bytes, nameStart, end)
  walk.column = walk.automaton.plan.keys.columnOfText(name)
  return end
}

/** `end`, or -1 where more of a number or literal may be to come. `end` is negative or where it ends as yet. */
export function scalarEnd(walk: Walk, end: number): number {
  const { length, valueStart } = walk
  if ((walk.bytes[valueStart] as number) > NINE) return end
  if ((end < 0 ? length : end) - valueStart > walk.limits.numberBytesMax) {
    throw new JsonNumberLengthError(valueStart, 'a number longer than the limit')
  }
  return end < length || (walk.last && walk.depth === 0) ? end : -1
}

/**
 * The bytes end within the string at hand. Where it must be whole, nothing happens; else its treatment is done, and
 * the walk goes on inside of it, at `goOn`.
 */
export function beginString(walk: Walk, link: number, goOn: number): void {
  if ((link & LEAF_HELD) !== 0) {
    if (walk.length - walk.valueStart - 1 > walk.limits.stringBytesMax) {
      throw new JsonStringLengthError(walk.valueStart, 'a string longer than can be held')
    }
    return
  }
  // Whether it is empty is not known before its first character.
  if (goOn === walk.valueStart + 1) return
  walk.valueEnd = -1
  if (((link & LEAF_WORK) | (walk.flags & ITEM_WORK)) !== 0) treatLeaf(walk, stateOf(link))
  endItem(walk)
  walk.inString = true
  walk.lead = goOn
}

/** The item at hand is done with. */
export function endItem(walk: Walk): void {
  walk.flags &= ~(FIRST | FOREIGN)
  walk.index += 1
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
