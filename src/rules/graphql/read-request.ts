/** The request of GraphQL over HTTP: one operation in the body of a POST, and nothing else. */
import { readJson } from '../request/read-json.ts'
import type { Limits } from '../../json/limits.ts'

/** What a caller asks for. */
export interface GraphqlRequest {
  readonly query: string
  readonly operationName: string | undefined
  readonly variables: Readonly<Record<string, unknown>>
}

/** `refused`: a batch, or a query that is known by its hash only. */
export type ReadRequest = GraphqlRequest | 'malformed' | 'refused'

const MEMBERS: ReadonlySet<string> = new Set(['query', 'operationName', 'variables'])
/** Members that stand for a query that is not sent along. */
const PERSISTED: ReadonlySet<string> = new Set([
  'extensions',
  'id',
  'documentId',
  'queryId',
  'hash',
])

/** Reads it strictly. Throws a CelosiaError (ERR_JSON_*) where the body is no JSON, or beyond the limits. */
export function readRequest(body: Buffer, limits: Limits): ReadRequest {
  readJson(body, limits)
  let exact = true
  const parsed: unknown = JSON.parse(body.toString(), (_name, value: unknown) => {
    if (typeof value === 'number') exact &&= isExact(value)
    return value
  })
  if (!exact) return 'malformed'
  if (Array.isArray(parsed)) return 'refused'
  if (!isObject(parsed)) return 'malformed'
  const { query, operationName, variables } = parsed
  if (Object.entries(parsed).some(([name, value]) => PERSISTED.has(name) && value !== null)) {
    return 'refused'
  }
  const known = Object.keys(parsed).every((name) => MEMBERS.has(name) || PERSISTED.has(name))
  const named =
    operationName === undefined || operationName === null || typeof operationName === 'string'
  const given = variables ?? {}
  if (!known || !named || typeof query !== 'string' || !isObject(given)) return 'malformed'
  return { query, operationName: operationName ?? undefined, variables: given }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

// A number that changes as it is read would be another one upstream.
function isExact(value: number): boolean {
  return Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value))
}
