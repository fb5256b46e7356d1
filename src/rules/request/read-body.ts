/** Reads a body by its type: what can be read is checked against its form and laid under the queries of the route. */
import type { BodyRules } from './body-rules.ts'
import { coverBody } from './cover.ts'
import type { CoveredBody } from './cover.ts'
import { readForm } from './form.ts'
import { formOf } from './media-type.ts'
import { readJson } from './read-json.ts'

export interface ReadBody {
  /** For the upstream: the bytes of JSON as they came, once they are checked; a form written anew. */
  readonly bytes: Buffer
  /** Undefined for a body that is passed unread. */
  readonly covered: CoveredBody | undefined
}

/** Undefined where a form is none. Throws a CelosiaError (ERR_JSON_*) where JSON is refused. */
export function readBody(bytes: Buffer, type: string, rules: BodyRules): ReadBody | undefined {
  const form = formOf(type)
  if (form === 'opaque') return { bytes, covered: undefined }
  const fields = form === 'form' ? readForm(bytes) : { json: bytes, form: bytes }
  if (fields === undefined) return undefined
  const tape = readJson(fields.json, rules.limits)
  return { bytes: fields.form, covered: coverBody(tape, rules) }
}
