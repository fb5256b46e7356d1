/** Which values of two documents stand at the same place. */
import { childrenOf, memberNameOf } from '../../json/tape/children.ts'
import { KIND_ARRAY, KIND_OBJECT, type Tape } from '../../json/tape/tape.ts'

/** For each node of `document` the node of `other` to which the same path leads, -1 where none does. */
export function counterparts(document: Tape, other: Tape): Int32Array {
  const found = new Int32Array(document.count).fill(-1)
  found[0] = 0
  // A container comes before what is in it.
  for (let node = 0; node < document.count; node += 1) {
    const there = found[node] ?? -1
    const kind = document.kind[node]
    if (there < 0 || kind !== other.kind[there]) continue
    if (kind === KIND_OBJECT) {
      const members = new Map(
        [...childrenOf(other, there)].map((member) => [memberNameOf(other, member), member]),
      )
      for (const member of childrenOf(document, node)) {
        found[member] = members.get(memberNameOf(document, member)) ?? -1
      }
    } else if (kind === KIND_ARRAY) {
      const elements = childrenOf(other, there)
      for (const element of childrenOf(document, node)) found[element] = elements.next().value ?? -1
    }
  }
  return found
}
