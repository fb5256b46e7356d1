/** Makes sure that the value at hand is whole, and indexes it. */
import { JsonHeldError } from '../errors.ts'
import { scanScalar } from './scan-scalar.ts'
import { skipValue } from './skip-value.ts'
import type { Walk } from './walk.ts'

const ARRAY_OPEN = 0x5b

/** Holds the value at hand in `walk.held`. False where it is not whole. Throws a JsonHeldError. */
export function holdValue(walk: Walk): boolean {
  const { valueStart } = walk
  if (walk.held.covers(valueStart)) return true
  const end = heldEnd(walk, wholeEnd(walk))
  if (end < 0) return false
  walk.held.hold(walk.bytes, valueStart, end)
  return true
}

/** `end`, which is where the value at hand ends or -1, within the limit. Throws a JsonHeldError. */
export function heldEnd(walk: Walk, end: number): number {
  if ((end < 0 ? walk.length : end) - walk.valueStart > walk.limits.heldBytesMax) {
    throw new JsonHeldError(walk.valueStart, 'more than can be held to decide a query')
  }
  return end
}

function wholeEnd(walk: Walk): number {
  const { bytes, length, valueStart } = walk
  const end = skipValue(walk, valueStart, walk.limits.depthMax - walk.depth)
  if (end >= 0 || !walk.last || walk.depth > 0) return end
  // A number that is the whole document has nothing behind it.
  return (bytes[valueStart] as number) < ARRAY_OPEN ? scanScalar(bytes, valueStart, length) : end
}
