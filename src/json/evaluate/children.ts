/** Elements of arrays by index and slice, and how many children a node has. */
import type { Selector } from '../query/ast.ts'
import { KIND_ARRAY } from '../tape/tape.ts'
import type { Run } from './run.ts'

type Slice = Extract<Selector, { kind: 'slice' }>

/** How many elements or members a container has. */
export function childCount(run: Run, container: number): number {
  const { next } = run.tape
  const after = next[container] ?? 0
  let count = 0
  for (let child = container + 1; child < after; child = next[child] ?? after) count += 1
  run.budget.spend(count)
  return count
}

/** The element at `index`, counted from the end where it is negative (2.3.3); -1 where there is none. */
export function elementAt(run: Run, array: number, index: number): number {
  const { kind, next } = run.tape
  if (kind[array] !== KIND_ARRAY) return -1
  const position = index < 0 ? childCount(run, array) + index : index
  if (position < 0) return -1
  const after = next[array] ?? 0
  let child = array + 1
  for (let at = 0; at < position && child < after; at += 1) child = next[child] ?? after
  run.budget.spend(1 + Math.min(position, child - array))
  return child < after ? child : -1
}

/** The elements of a slice, in its order (2.3.4.2). */
export function sliceOf(run: Run, array: number, slice: Slice): readonly number[] {
  const { kind, next } = run.tape
  if (kind[array] !== KIND_ARRAY || slice.step === 0) return []
  const elements: number[] = []
  const after = next[array] ?? 0
  for (let child = array + 1; child < after; child = next[child] ?? after) {
    run.budget.spend(1)
    elements.push(child)
  }
  const { lower, upper } = boundsOf(slice, elements.length)
  const selected: number[] = []
  if (slice.step > 0) {
    for (let at = lower; at < upper; at += slice.step) selected.push(elements[at] ?? -1)
  } else {
    for (let at = upper; at > lower; at += slice.step) selected.push(elements[at] ?? -1)
  }
  return selected
}

/** The bounds of a slice over `length` elements, as the RFC computes them. */
function boundsOf(
  slice: Slice,
  length: number,
): { readonly lower: number; readonly upper: number } {
  const forwards = slice.step > 0
  const start = fromEnd(slice.start ?? (forwards ? 0 : length - 1), length)
  const end = fromEnd(slice.end ?? (forwards ? length : -length - 1), length)
  if (forwards) return { lower: clamp(start, 0, length), upper: clamp(end, 0, length) }
  return { lower: clamp(end, -1, length - 1), upper: clamp(start, -1, length - 1) }
}

function fromEnd(bound: number, length: number): number {
  return bound >= 0 ? bound : length + bound
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(Math.max(value, min), max)
}
