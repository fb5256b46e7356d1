/**
 * Reads the roles out of a verified token's claims by the issuer's query. Shapes that the query does not declare are
 * refused: a role claim that is misread is an access that nobody granted.
 */
import { CelosiaError } from '../core/errors.ts'
import { Budget } from '../json/evaluate/budget.ts'
import { selectNodes } from '../json/evaluate/select.ts'
import { DEFAULT_LIMITS } from '../json/limits.ts'
import type { Query } from '../json/query/ast.ts'
import { decodeString } from '../json/tape/text.ts'
import { buildTape, KIND_OBJECT, KIND_STRING } from '../json/tape/tape.ts'
import type { Tape } from '../json/tape/tape.ts'

/** Role names that are read from one token. */
const ROLES_MAX = 1_000
const STEPS_MAX = 100_000

/**
 * The role names that `query` selects, in order; none where it selects nothing. `payload` is the JSON of a verified
 * token. Undefined where the claim has a shape that the policy does not declare: a selected node that is no string, a
 * name that occurs twice in an object, more than 1,000 roles, or claims beyond the limits of reading.
 */
export function readRoles(payload: Uint8Array, query: Query): readonly string[] | undefined {
  try {
    return selectRoles(payload, query)
  } catch (error) {
    if (error instanceof CelosiaError) return undefined
    throw error
  }
}

function selectRoles(payload: Uint8Array, query: Query): readonly string[] | undefined {
  const tape = buildTape(payload, 0, payload.byteLength, DEFAULT_LIMITS)
  if (hasRepeatedNames(tape)) return undefined
  const nodes = selectNodes(query, tape, new Budget(STEPS_MAX))
  if (nodes.length > ROLES_MAX || nodes.some((node) => tape.kind[node] !== KIND_STRING))
    return undefined
  return nodes.map((node) =>
    decodeString(payload, (tape.start[node] ?? 0) + 1, (tape.end[node] ?? 0) - 1),
  )
}

function hasRepeatedNames(tape: Tape): boolean {
  for (let node = 0; node < tape.count; node++) {
    if (tape.kind[node] !== KIND_OBJECT) continue
    const names = new Set<string>()
    let members = 0
    for (
      let child = node + 1;
      child < (tape.next[node] ?? 0);
      child = tape.next[child] ?? tape.count
    ) {
      names.add(decodeString(tape.bytes, tape.nameStart[child] ?? 0, tape.nameEnd[child] ?? 0))
      members += 1
    }
    if (names.size !== members) return true
  }
  return false
}
