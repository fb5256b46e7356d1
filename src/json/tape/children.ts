/** The children of a node of a tape, and what they are called. */
import { KIND_ARRAY, type Tape } from './tape.ts'
import { decodeString } from './text.ts'

/** Members or elements in document order; none of a leaf. */
export function* childrenOf(tape: Tape, node: number): Generator<number> {
  const after = tape.next[node] ?? 0
  for (let child = node + 1; child < after; child = tape.next[child] ?? after) yield child
}

/** The decoded name of a member. */
export function memberNameOf(tape: Tape, member: number): string {
  return decodeString(tape.bytes, tape.nameStart[member] ?? 0, tape.nameEnd[member] ?? 0)
}

/** The member of `object` with exactly this name, or -1. Of two, the first. */
export function memberNamed(tape: Tape, object: number, name: string): number {
  for (const member of childrenOf(tape, object)) {
    if (memberNameOf(tape, member) === name) return member
  }
  return -1
}

/** True for an object or array. */
export function isContainer(tape: Tape, node: number): boolean {
  return (tape.kind[node] ?? 0) >= KIND_ARRAY
}

/** True for what holds nothing further: a leaf, or a container that is empty. */
export function isBare(tape: Tape, node: number): boolean {
  return !isContainer(tape, node) || tape.next[node] === node + 1
}

/** The bytes of a value as they stand. */
export function sourceOf(tape: Tape, node: number): Uint8Array {
  return tape.bytes.subarray(tape.start[node] ?? 0, tape.end[node] ?? 0)
}
