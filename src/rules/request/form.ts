/**
 * Forms (`application/x-www-form-urlencoded`) as JSON: an object with a string for each field, so that the queries of a route
 * are asked of both in the same way.
 */
import { formatPairs, parsePairs } from './pairs.ts'

export interface FormDocument {
  /** The object with the fields. */
  readonly json: Buffer
  /** The form for the upstream, written anew. */
  readonly form: Buffer
}

/** Undefined where the bytes are no form, or a field stands twice. */
export function readForm(bytes: Buffer): FormDocument | undefined {
  const pairs = parsePairs(bytes.toString('latin1'), { lines: true })
  if (pairs === undefined || new Map(pairs).size !== pairs.length) return undefined
  const members = pairs.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`)
  return { json: Buffer.from(`{${members.join(',')}}`), form: Buffer.from(formatPairs(pairs)) }
}
