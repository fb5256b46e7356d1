/** JSON of which nobody can read something else: UTF-8, and no name twice in one object (RFC 7519 section 4). */
import { DEFAULT_LIMITS } from '../json/limits.ts'
import { buildTape, KIND_OBJECT } from '../json/tape/tape.ts'
import type { Tape } from '../json/tape/tape.ts'
import { decodeString } from '../json/tape/text.ts'

/** An object of claims. `__proto__` is a member like any other. */
export type Claims = Readonly<Record<string, unknown>>

/** True for an object that is no list. */
export function isObject(value: unknown): value is Claims {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * The object that `bytes` hold. Undefined where they are not UTF-8, no JSON object, nest deeper than the limit, or have a
 * name twice, at any depth.
 */
export function parseClaims(bytes: Uint8Array): Claims | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    const value: unknown = JSON.parse(text)
    if (!isObject(value)) return undefined
    const tape = buildTape(bytes, 0, bytes.byteLength, DEFAULT_LIMITS)
    return hasRepeatedNames(tape) ? undefined : value
  } catch {
    return undefined
  }
}

function hasRepeatedNames(tape: Tape): boolean {
  for (let node = 0; node < tape.count; node++) {
    if (tape.kind[node] !== KIND_OBJECT) continue
    const end = tape.next[node] ?? 0
    const names = new Set<string>()
    let members = 0
    for (let child = node + 1; child < end; child = tape.next[child] ?? end) {
      names.add(decodeString(tape.bytes, tape.nameStart[child] ?? 0, tape.nameEnd[child] ?? 0))
      members += 1
    }
    if (names.size !== members) return true
  }
  return false
}
