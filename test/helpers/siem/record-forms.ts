/** Each kind of record as each format has it, as values by path. */
import { cefLine } from '../../../src/audit/export/cef.ts'
import { ecsDocument } from '../../../src/audit/export/ecs.ts'
import { SAMPLES } from '../../audit/export/samples.ts'
import { readCef } from './read-cef.ts'

/** Values by path, `actor.user.uid`. A list counts as what is in it. */
export type Values = ReadonlyMap<string, readonly unknown[]>

export interface RecordForms {
  /** Name of the sample. */
  readonly kind: string
  readonly ocsf: Values
  readonly ecs: Values
  readonly cef: Values
}

export const FORMS: readonly RecordForms[] = Object.entries(SAMPLES).map(([kind, read]) => ({
  kind,
  ocsf: valuesOf(read.record.event),
  ecs: valuesOf(ecsDocument(read)),
  cef: new Map(
    Object.entries(readCef(cefLine(read, '0.1.0')).extension).map(([key, value]) => [key, [value]]),
  ),
}))

/** All values that stand in another, by path. */
export function valuesOf(value: unknown, path = '', found = new Map<string, unknown[]>()): Values {
  const list = Array.isArray(value) ? (value as unknown[]) : undefined
  if (list !== undefined) {
    if (path !== '') found.set(path, found.get(path) ?? [])
    for (const one of list) valuesOf(one, path, found)
    return found
  }
  if (path !== '') found.set(path, [...(found.get(path) ?? []), value])
  if (typeof value !== 'object' || value === null) return found
  for (const [name, one] of Object.entries(value)) {
    if (one !== undefined) valuesOf(one, path === '' ? name : `${path}.${name}`, found)
  }
  return found
}
