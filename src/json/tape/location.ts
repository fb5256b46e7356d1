/** The location of a node as a normalized path (RFC 9535 2.7). */
import { quote } from '../query/quote.ts'
import { memberNameOf } from './children.ts'
import { KIND_OBJECT, type Tape } from './tape.ts'

/** The normalized path from node 0 to `node`. Two members of the same name have the same one. */
export function locationOf(tape: Tape, node: number): string {
  let location = '$'
  let at = 0
  while (at < node) {
    const parent = at
    let index = 0
    at += 1
    while ((tape.next[at] ?? node + 1) <= node) {
      at = tape.next[at] ?? node
      index += 1
    }
    location += `[${tape.kind[parent] === KIND_OBJECT ? quote(memberNameOf(tape, at)) : index}]`
  }
  return location
}
