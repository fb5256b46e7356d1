/** What an upstream makes of a write, written down as plainly as possible: the other side of safe writes. */
import type { WriteFormat } from '../../src/rules/writes/write-rules.ts'

/** Values as JSON.parse gives them. */
export type Json = string | number | boolean | null | Json[] | { [name: string]: Json }

/** The record after the write. `update` is what a JSON document does. Throws where a patch does not apply. */
export function applyWrite(
  record: Json,
  body: Json,
  { format, update }: { readonly format: WriteFormat; readonly update: 'partial' | 'replace' },
): Json {
  if (format === 'json-patch') return jsonPatch(structuredClone(record), body as unknown as Op[])
  if (format === 'merge-patch') return mergePatch(record, body)
  if (update === 'replace' || !isObject(record) || !isObject(body)) return body
  return { ...record, ...body }
}

interface Op {
  readonly op: string
  readonly path: string
  readonly from?: string
  readonly value?: Json
}

function isObject(value: Json): value is { [name: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** RFC 7396 2. */
function mergePatch(target: Json, patch: Json): Json {
  if (!isObject(patch)) return patch
  const result = isObject(target) ? { ...target } : {}
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete result[name]
    else result[name] = mergePatch(result[name] ?? null, value)
  }
  return result
}

/** RFC 6902, without the comparison of `test`. */
function jsonPatch(record: Json, ops: readonly Op[]): Json {
  const holder: { [name: string]: Json } = { root: record }
  for (const { op, path, from, value } of ops) {
    if (op === 'remove') remove(holder, path)
    else if (op === 'add') add(holder, path, structuredClone(value ?? null))
    else if (op === 'replace') {
      if (path !== '') remove(holder, path)
      add(holder, path, structuredClone(value ?? null))
    } else if (op === 'copy') add(holder, path, structuredClone(get(holder, from ?? '')))
    else if (op === 'move') add(holder, path, remove(holder, from ?? ''))
    else get(holder, path)
  }
  return holder['root'] ?? null
}

function parentOf(holder: Json, path: string): readonly [parent: Json, token: string] {
  const tokens = `/root${path}`
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
  let at = holder
  for (const token of tokens.slice(0, -1)) at = child(at, token)
  return [at, tokens.at(-1) ?? '']
}

function child(parent: Json, token: string): Json {
  const value = Array.isArray(parent)
    ? parent[Number(token)]
    : isObject(parent) && Object.hasOwn(parent, token)
      ? parent[token]
      : undefined
  if (value === undefined) throw new Error('nothing there')
  return value
}

function get(holder: Json, path: string): Json {
  const [parent, token] = parentOf(holder, path)
  return child(parent, token)
}

function add(holder: Json, path: string, value: Json): void {
  const [parent, token] = parentOf(holder, path)
  if (Array.isArray(parent)) {
    parent.splice(token === '-' ? parent.length : Number(token), 0, value)
  } else if (isObject(parent)) parent[token] = value
  else throw new Error('nothing there')
}

function remove(holder: Json, path: string): Json {
  const [parent, token] = parentOf(holder, path)
  const value = child(parent, token)
  if (Array.isArray(parent)) parent.splice(Number(token), 1)
  else if (isObject(parent)) delete parent[token]
  return value
}
