/**
 * Forms (`application/x-www-form-urlencoded`) as JSON: an object with a string for each field, so that the queries of a route
 * are asked of both in the same way.
 */
import { parsePairs } from './pairs.ts'
import type { Pairs } from './pairs.ts'

/** Undefined where the bytes are no form, or a field stands twice. */
export function readForm(bytes: Buffer): Pairs | undefined {
  const pairs = parsePairs(bytes.toString('latin1'), { lines: true })
  return pairs === undefined || new Map(pairs).size !== pairs.length ? undefined : pairs
}

/** The object with the fields. */
export function formAsJson(pairs: Pairs): Buffer {
  const members = pairs.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`)
  return Buffer.from(`{${members.join(',')}}`)
}
