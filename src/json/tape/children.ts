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

/** True for an object or array. */
export function isContainer(tape: Tape, node: number): boolean {
  return (tape.kind[node] ?? 0) >= KIND_ARRAY
}
