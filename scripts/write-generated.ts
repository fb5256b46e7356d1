/**
 * Writes the parts of the repository that follow from the code: the JSON Schemas that editors use, the tables of errors
 * and reasons, and the compiled scanner. A test holds what is written against what would be.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { RECORD_SCHEMA } from '../src/audit/record-schema.ts'
import { CONNECTOR_SCHEMA } from '../src/connectors/schema.ts'
import { ERROR_CODES } from '../src/core/errors.ts'
import { REASONS } from '../src/core/reasons.ts'
import { POLICY_SCHEMA } from '../src/rules/policy/schema.ts'
import { SHIP_SCHEMA } from '../src/shipping/ship-file/schema.ts'
import { scannerSource } from './compile-scanner.ts'

/** A part of a document between `<!-- generated:name -->` and `<!-- /generated -->`. */
interface GeneratedPart {
  readonly path: string
  readonly name: string
  readonly table: string
}

const PARTS: readonly GeneratedPart[] = [
  { path: 'docs/errors.md', name: 'errors', table: errorTable() },
  { path: 'docs/reasons.md', name: 'reasons', table: reasonTable() },
  {
    path: 'docs/redaction.md',
    name: 'connector-keys',
    table: keyTable(CONNECTOR_SCHEMA as SchemaPart),
  },
  { path: 'docs/siem.md', name: 'ship-keys', table: keyTable(SHIP_SCHEMA as SchemaPart) },
]

/** What the generated files should hold, by path from `root`. Throws where a document lacks the marks of its part. */
export function generatedFiles(root: string): ReadonlyMap<string, string> {
  const files = new Map([
    ['config/policies.schema.json', `${JSON.stringify(POLICY_SCHEMA, null, 2)}\n`],
    ['config/record.schema.json', `${JSON.stringify(RECORD_SCHEMA, null, 2)}\n`],
    ['config/connectors.schema.json', `${JSON.stringify(CONNECTOR_SCHEMA, null, 2)}\n`],
    ['config/ship.schema.json', `${JSON.stringify(SHIP_SCHEMA, null, 2)}\n`],
    ['src/json/scanner/module.ts', scannerSource(root)],
  ])
  for (const part of PARTS) {
    files.set(part.path, withPart(readFileSync(join(root, part.path), 'utf8'), part))
  }
  return files
}

function withPart(text: string, { path, name, table }: GeneratedPart): string {
  const opening = `<!-- generated:${name} -->\n`
  const start = text.indexOf(opening)
  const end = text.indexOf('<!-- /generated -->', start)
  if (start < 0 || end < 0) throw new Error(`${path} has no part <!-- generated:${name} -->`)
  return `${text.slice(0, start + opening.length)}\n${table}\n${text.slice(end)}`
}

function errorTable(): string {
  const rows = Object.entries(ERROR_CODES).map(
    ([code, { meaning, exitCode }]) => `| \`${code}\` | ${meaning} | ${exitCode} |\n`,
  )
  return `| Code | Meaning | Exit code |\n| --- | --- | --- |\n${rows.join('')}`
}

function reasonTable(): string {
  const rows = Object.entries(REASONS).map(
    ([reason, { status, title, meaning }]) =>
      `| \`${reason}\` | ${status} | ${title} | ${meaning} |\n`,
  )
  return `| Reason | Status | Title | Meaning |\n| --- | --- | --- | --- |\n${rows.join('')}`
}

interface SchemaPart {
  readonly description?: string
  readonly properties?: Readonly<Record<string, SchemaPart>>
  readonly additionalProperties?: boolean | SchemaPart
}

function keyTable(schema: SchemaPart): string {
  return `| Key | Default | Meaning |\n| --- | --- | --- |\n${keyRows(schema, '').join('')}`
}

/** A row for each key; `*` stands for a name of the author's choice. */
function keyRows({ properties = {}, additionalProperties }: SchemaPart, at: string): string[] {
  const rows = Object.entries(properties).flatMap(([name, part]) => {
    const path = at === '' ? name : `${at}.${name}`
    const [, meaning = '', fallback = ''] =
      /^(.*?)(?: ?Default: ([^.]+)\.| ?Default (.+)\.)?$/
        .exec(part.description ?? '')
        ?.filter((one) => one !== undefined) ?? []
    return [`| \`${path}\` | ${fallback} | ${meaning} |\n`, ...keyRows(part, path)]
  })
  return typeof additionalProperties === 'object'
    ? [...rows, ...keyRows(additionalProperties, `${at}.*`)]
    : rows
}

if (import.meta.main) {
  const root = join(import.meta.dirname, '..')
  for (const [path, text] of generatedFiles(root)) {
    const target = join(root, path)
    if (!existsSync(target) || readFileSync(target, 'utf8') !== text) {
      writeFileSync(target, text)
      process.stdout.write(`wrote ${path}\n`)
    }
  }
}
