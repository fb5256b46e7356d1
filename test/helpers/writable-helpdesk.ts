/**
 * Answers for the raw upstream that keep what is written: records by their path, changed by PUT as a helpdesk in Zendesk's
 * shape does, replaced by PUT where the test says so, and patched by PATCH. It does what it is told.
 */
import { createHash } from 'node:crypto'
import { applyWrite, type Json } from './apply-write.ts'
import { headerValues } from './http-message.ts'
import { jsonAnswer, statusAnswer } from './upstream-answers.ts'
import type { AnswerScript, RawUpstream, UpstreamRequest } from './upstream.ts'

type JsonObject = { [name: string]: Json }

/** How a PUT is understood, and what else is odd about it. */
export interface HelpdeskOptions {
  readonly put?: 'merge' | 'replace'
  /** Answers carry this; undefined: a strong entity tag of the record. An empty text: none. */
  readonly etag?: string
  /** What somebody else does after each read. */
  readonly afterRead?: (record: JsonObject) => JsonObject
}

/** The script over `upstream.records`. Nothing at a path is 404. */
export function writableHelpdesk(
  upstream: RawUpstream,
  { put = 'merge', etag, afterRead }: HelpdeskOptions = {},
): AnswerScript {
  return (request) => {
    const record = upstream.records.get(request.target) as JsonObject | undefined
    if (record === undefined) return statusAnswer(404)
    const tag = etag ?? tagOf(record)
    const [wanted] = headerValues(request.headers, 'if-match')
    if (wanted !== undefined && wanted !== tag) return statusAnswer(412)
    if (request.method === 'GET') {
      if (afterRead !== undefined) upstream.records.set(request.target, afterRead(record))
      return answer(record, tag)
    }
    const changed = change(record, request, put)
    upstream.records.set(request.target, changed)
    return answer(changed, tagOf(changed))
  }
}

function answer(record: Json, tag: string): Buffer {
  return jsonAnswer(record, tag === '' ? {} : { headers: [['etag', tag]] })
}

function tagOf(record: Json): string {
  return `"${createHash('sha256').update(JSON.stringify(record)).digest('hex').slice(0, 16)}"`
}

function change(
  record: JsonObject,
  request: UpstreamRequest,
  put: 'merge' | 'replace',
): JsonObject {
  const body = JSON.parse(request.body.toString()) as Json
  const [type = ''] = headerValues(request.headers, 'content-type')
  if (type.startsWith('application/merge-patch')) return patched(record, body, 'merge-patch')
  if (type.startsWith('application/json-patch')) return patched(record, body, 'json-patch')
  if (put === 'replace') return body as JsonObject
  return merged(record, body as JsonObject, 0)
}

function patched(record: Json, body: Json, format: 'merge-patch' | 'json-patch'): JsonObject {
  return applyWrite(record, body, { format, update: 'partial' }) as JsonObject
}

/** Members of the record and of its custom fields one by one; custom fields in a list by their ids. */
function merged(record: JsonObject, body: JsonObject, depth: number): JsonObject {
  const result = { ...record }
  for (const [name, value] of Object.entries(body)) {
    const there = record[name]
    if (name === 'custom_fields' && Array.isArray(there) && Array.isArray(value)) {
      result[name] = byId(there, value)
    } else if ((depth === 0 || name === 'user_fields') && isObject(there) && isObject(value)) {
      result[name] = merged(there, value, depth + 1)
    } else result[name] = value
  }
  return result
}

function byId(there: readonly Json[], given: readonly Json[]): Json[] {
  const idOf = (one: Json): string => {
    const id = isObject(one) ? one['id'] : undefined
    return typeof id === 'number' || typeof id === 'string' ? `${id}` : ''
  }
  const changes = new Map(given.map((one) => [idOf(one), one]))
  return there.map((one) => {
    const changed = changes.get(idOf(one))
    return isObject(one) && isObject(changed) ? { ...one, ...changed } : one
  })
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
