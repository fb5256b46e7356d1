/** OCSF's own schemas, to hold our events against. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { requireData, type PeerScope } from './peers.ts'

const SCHEMAS = join(import.meta.dirname, '../../../shared/data/ocsf')
const ajv = new Ajv2020({ strict: false, allErrors: true })

/** Names of the schemas, by `class_uid`. */
const CLASSES: Readonly<Record<number, string>> = {
  2004: 'detection_finding',
  2006: 'data_security_finding',
  3002: 'authentication',
  3004: 'entity_management',
  6003: 'api_activity',
}

/** True where the schemas are there. Otherwise the test is skipped: return at once. */
export function requireOcsf(t: PeerScope): boolean {
  return requireData(t, SCHEMAS, 'OCSF 1.9.0, ocsf/ocsf-schema')
}

/** What is wrong with an event by the schema of its class: empty where it is valid. */
export function ocsfFaults(event: object): readonly string[] {
  const { class_uid } = event as { readonly class_uid?: unknown }
  const name = CLASSES[Number(class_uid)]
  if (name === undefined) return [`there is no schema of class ${String(class_uid)}`]
  const validate =
    ajv.getSchema(`ocsf:1.9.0-dev:${name}`) ??
    ajv.compile(JSON.parse(readFileSync(join(SCHEMAS, `${name}.json`), 'utf8')) as object)
  if (validate(event) === true) return []
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath}: ${message}`)
}
