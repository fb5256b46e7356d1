/**
 * A whole document as a tape, checked strictly first: for documents that are looked at from all sides (a request, a record
 * that a write is held against), not for answers on their way.
 */
import { JsonDuplicateNameError } from './errors.ts'
import type { Limits } from './limits.ts'
import { compileProgram, maskDocument } from './program.ts'
import type { Program } from './program-source.ts'
import { childrenOf, memberNameOf } from './tape/children.ts'
import { buildTape, FLAG_UNIQUE_NAMES, KIND_OBJECT, type Tape } from './tape/tape.ts'

const NOTHING = { leaf: undefined, container: undefined, memberName: undefined, counters: [] }

const checks = new WeakMap<Limits, Program>()

/**
 * The tape of `bytes`: one JSON document in UTF-8 (RFC 8259) in which no object has two members of one name, since readers
 * of it could disagree. Throws a JsonInputError.
 */
export function readDocument(bytes: Uint8Array, limits: Limits): Tape {
  // The tape trusts its bytes. The rewriter, given nothing to do, is the strict reader of the house.
  let check = checks.get(limits)
  if (check === undefined) {
    check = compileProgram({
      targets: [],
      scopes: [],
      counterCount: 0,
      resolve: () => NOTHING,
      limits,
    })
    checks.set(limits, check)
  }
  maskDocument(check, bytes)
  const tape = buildTape(bytes, 0, bytes.byteLength, limits)
  requireUniqueNames(tape)
  return tape
}

function requireUniqueNames(tape: Tape): void {
  for (let node = 0; node < tape.count; node += 1) {
    if (tape.kind[node] !== KIND_OBJECT) continue
    const names = new Set<string>()
    for (const member of childrenOf(tape, node)) {
      const name = memberNameOf(tape, member)
      if (names.has(name)) {
        throw new JsonDuplicateNameError(
          tape.nameStart[member] ?? 0,
          'a second member of the same name',
        )
      }
      names.add(name)
    }
    tape.flags[node] = (tape.flags[node] ?? 0) | FLAG_UNIQUE_NAMES
  }
}
