/** Reads an OCSF event by path. What is absent, or of another type than asked for, is undefined: mappers leave it out. */
import type { AuditRecord, JsonValue } from '../../core/audit-record.ts'

export type OcsfEvent = AuditRecord['event']
export type JsonObject = { readonly [name: string]: JsonValue | undefined }

/** What stands at a path of member names, `actor.user.uid`. */
export function valueAt(event: OcsfEvent, path: string): JsonValue | undefined {
  let node: JsonValue | undefined = event
  for (const step of path.split('.')) {
    if (!isJsonObject(node) || !Object.hasOwn(node, step)) return undefined
    node = node[step]
  }
  return node
}

/** The text at a path; undefined where it is empty, too. */
export function textAt(event: OcsfEvent, path: string): string | undefined {
  const value = valueAt(event, path)
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** The number at a path. */
export function numberAt(event: OcsfEvent, path: string): number | undefined {
  const value = valueAt(event, path)
  return typeof value === 'number' ? value : undefined
}

/** The objects of a list at a path; none where it is no list. */
export function objectsAt(event: OcsfEvent, path: string): readonly JsonObject[] {
  return listAt(event, path).filter(isJsonObject)
}

/** The texts of a list at a path, or `name` of each where it is a list of objects. */
export function textsAt(event: OcsfEvent, path: string, name?: string): readonly string[] {
  const values =
    name === undefined ? listAt(event, path) : objectsAt(event, path).map((o) => o[name])
  return values.filter((value) => typeof value === 'string')
}

/** A copy without members that are undefined. */
export function defined(members: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))
}

/** A copy without members that are undefined, or undefined where nothing is left. */
export function definedOrNone(members: JsonObject): JsonObject | undefined {
  const object = defined(members)
  return Object.keys(object).length === 0 ? undefined : object
}

/** True of an object that is no list. */
export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function listAt(event: OcsfEvent, path: string): readonly JsonValue[] {
  const value = valueAt(event, path)
  return Array.isArray(value) ? (value as readonly JsonValue[]) : []
}
