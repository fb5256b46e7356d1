/**
 * A document of a caller, read more strictly than an answer: bounded in all directions, and without member names that another
 * reader could cut or change.
 */
import {
  JsonKeyLengthError,
  JsonNodesError,
  JsonNumberLengthError,
  JsonSyntaxError,
} from '../../json/errors.ts'
import type { Limits } from '../../json/limits.ts'
import { readDocument } from '../../json/read-document.ts'
import { memberNameOf } from '../../json/tape/children.ts'
import { KIND_NUMBER } from '../../json/tape/tape.ts'
import type { Tape } from '../../json/tape/tape.ts'

/** Values in one document of a caller. */
export const REQUEST_NODES_MAX = 50_000

/** Names that end early or change where a string is C's, or is made well-formed (RFC 8259 8.2). */
// oxlint-disable-next-line no-control-regex -- control characters are what is refused
const ODD_NAME = /[\u0000-\u001f\u007f]|\p{Surrogate}/u

/** The tape of the whole of `bytes`. Throws a JsonInputError. */
export function readJson(bytes: Uint8Array, limits: Limits): Tape {
  const tape = readDocument(bytes, limits)
  if (tape.count > REQUEST_NODES_MAX) {
    throw new JsonNodesError(tape.start[REQUEST_NODES_MAX] ?? 0, 'more values than the limit')
  }
  for (let node = 0; node < tape.count; node += 1) {
    checkName(tape, node, limits)
    const start = tape.start[node] ?? 0
    const length = (tape.end[node] ?? 0) - start
    if (tape.kind[node] === KIND_NUMBER && length > limits.numberBytesMax) {
      throw new JsonNumberLengthError(start, 'a number longer than the limit')
    }
  }
  return tape
}

function checkName(tape: Tape, node: number, limits: Limits): void {
  const start = tape.nameStart[node] ?? -1
  if (start < 0) return
  if ((tape.nameEnd[node] ?? 0) - start > limits.keyBytesMax) {
    throw new JsonKeyLengthError(start, 'a member name longer than the limit')
  }
  if (ODD_NAME.test(memberNameOf(tape, node))) {
    throw new JsonSyntaxError(start, 'a member name that is no plain text')
  }
}
