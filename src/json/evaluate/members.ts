/** Looks members up by name. A name that stands twice where a filter asks for it is refused. */
import { JsonAmbiguousError } from '../errors.ts'
import { decodeString, FLAG_ESCAPED_NAME, FLAG_UNIQUE_NAMES, KIND_OBJECT } from '../tape/tape.ts'
import type { Run } from './run.ts'

/** A name of a query, also as the bytes that it has in a document without escapes. */
export interface Name {
  readonly text: string
  readonly utf8: Uint8Array
}

/** Prepares a name for look-ups. */
export function nameOf(text: string): Name {
  return { text, utf8: Buffer.from(text, 'utf8') }
}

/** True where the member `node` has this name, however it is written. */
export function isNamed(run: Run, node: number, name: Name): boolean {
  const { tape, budget } = run
  const start = tape.nameStart[node] ?? -1
  const end = tape.nameEnd[node] ?? -1
  if (((tape.flags[node] ?? 0) & FLAG_ESCAPED_NAME) !== 0) {
    budget.spendDecoding(end - start)
    return decodeString(tape.bytes, start, end) === name.text
  }
  budget.spend(1)
  const { utf8 } = name
  if (end - start !== utf8.length) return false
  for (let at = 0; at < utf8.length; at += 1) {
    if (tape.bytes[start + at] !== utf8[at]) return false
  }
  return true
}

/**
 * The member of `object` with this name, or -1; -1 also where the node is no object. Throws a JsonAmbiguousError
 * where there are two.
 */
export function onlyMember(run: Run, object: number, name: Name): number {
  const { tape } = run
  if (tape.kind[object] !== KIND_OBJECT) return -1
  const after = tape.next[object] ?? 0
  let found = -1
  for (let child = object + 1; child < after; child = tape.next[child] ?? after) {
    if (!isNamed(run, child, name)) continue
    if (found >= 0) throw new JsonAmbiguousError(tape.start[object] ?? 0)
    found = child
  }
  return found
}

/**
 * Makes sure that no name stands twice in this object, before a filter looks at all of its members. Throws a
 * JsonAmbiguousError. Each object of a tape is checked once.
 */
export function requireUniqueNames(run: Run, object: number): void {
  const { tape } = run
  const flags = tape.flags[object] ?? 0
  if ((flags & FLAG_UNIQUE_NAMES) !== 0) return
  const after = tape.next[object] ?? 0
  const names = new Set<string>()
  for (let child = object + 1; child < after; child = tape.next[child] ?? after) {
    const name = nameText(run, child)
    if (names.has(name)) throw new JsonAmbiguousError(tape.start[object] ?? 0)
    names.add(name)
  }
  tape.flags[object] = flags | FLAG_UNIQUE_NAMES
}

/** The decoded name of a member. */
export function nameText(run: Run, member: number): string {
  const start = run.tape.nameStart[member] ?? -1
  const end = run.tape.nameEnd[member] ?? -1
  run.budget.spendDecoding(end - start)
  return decodeString(run.tape.bytes, start, end)
}
