/** Reads a body by its type: what can be read is checked against its form and laid under the queries of the route. */
import type { Tape } from '../../json/tape/tape.ts'
import type { BodyRules } from './body-rules.ts'
import { coverBody } from './cover.ts'
import type { CoveredBody } from './cover.ts'
import { formAsJson, readForm } from './form.ts'
import { formOf } from './media-type.ts'
import { formatPairs } from './pairs.ts'
import type { Pairs } from './pairs.ts'
import { readJson } from './read-json.ts'

/** Strings to be written instead of those at nodes of the tape. */
export type StringEdits = ReadonlyMap<number, string>

export interface ReadBody {
  /** Undefined for a body that is passed unread. */
  readonly covered: CoveredBody | undefined
  /** For the upstream: JSON as it came, once it is checked; a form written anew. The edits alone are different. */
  readonly write: (edits: StringEdits) => Buffer
}

/** Undefined where a form is none. Throws a CelosiaError (ERR_JSON_*) where JSON is refused. */
export function readBody(bytes: Buffer, type: string, rules: BodyRules): ReadBody | undefined {
  const form = formOf(type)
  if (form === 'opaque') return { covered: undefined, write: () => bytes }
  if (form === 'json') {
    const tape = readJson(bytes, rules.limits)
    return { covered: coverBody(tape, rules), write: (edits) => writeJson(tape, bytes, edits) }
  }
  const pairs = readForm(bytes)
  if (pairs === undefined) return undefined
  const tape = readJson(formAsJson(pairs), rules.limits)
  return { covered: coverBody(tape, rules), write: (edits) => writeForm(pairs, edits) }
}

function writeJson(tape: Tape, bytes: Buffer, edits: StringEdits): Buffer {
  if (edits.size === 0) return bytes
  const parts: Buffer[] = []
  let at = 0
  for (const [node, text] of [...edits].toSorted(([a], [b]) => a - b)) {
    parts.push(bytes.subarray(at, tape.start[node]), Buffer.from(JSON.stringify(text)))
    at = tape.end[node] ?? at
  }
  return Buffer.concat([...parts, bytes.subarray(at)])
}

// The fields are the members of the root, in their order: the nodes that follow it.
function writeForm(pairs: Pairs, edits: StringEdits): Buffer {
  return Buffer.from(
    formatPairs(pairs.map(([name, value], index) => [name, edits.get(index + 1) ?? value])),
  )
}
