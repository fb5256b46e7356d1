/** Resolves what answers of a route are, and complains of keys that belong to another format. */
import type { BodyFormat, FormatKind } from '../../json/formats/formats.ts'
import type { RouteDocument } from '../policy/document.ts'
import type { PolicyPath } from '../policy/fault.ts'
import { fitsType } from '../routing/parameter-types.ts'
import type { Complaints } from './complaints.ts'

const JSON_FORMAT: BodyFormat = { kind: 'json' }
const TABLES: ReadonlySet<FormatKind> = new Set(['csv', 'tsv'])
const COMMA = ','

/** The format of a route; JSON where what it says is at fault. */
export function compileFormat(
  route: RouteDocument,
  path: PolicyPath,
  complaints: Complaints,
): BodyFormat {
  const { format: kind = 'json', table, events, keys, pass } = route
  if (pass !== undefined) return compileOpaque(route, path, complaints)
  if (table !== undefined && !TABLES.has(kind)) {
    complaints.addAtKey([...path, 'table'], 'only csv and tsv are tables', 'add `format: csv`')
  }
  if (events !== undefined && kind !== 'event-stream') {
    complaints.addAtKey([...path, 'events'], 'only event-stream has events')
  }
  if (TABLES.has(kind) && keys !== undefined) {
    complaints.addAtKey([...path, 'keys'], 'the header of a table cannot be masked')
  }
  switch (kind) {
    case 'csv':
    case 'tsv':
      if (table === undefined) {
        complaints.add(
          [...path, 'format'],
          `a route of ${kind} says which columns there are`,
          'add `table: { columns: [id, name] }`: a table without a header is found out by them',
        )
        return JSON_FORMAT
      }
      if (kind === 'tsv' && table.separator !== undefined) {
        complaints.add([...path, 'table', 'separator'], 'tsv has tabs between cells')
      }
      return tableFormat(kind, table)
    case 'event-stream':
      return {
        kind,
        names: new Set(events?.names),
        acceptsId: (id) => events?.id !== undefined && fitsType(events.id, id),
      }
    default:
      return { kind }
  }
}

/** What cannot be said of answers that nobody looks into. */
const OF_MASKED = [
  'format',
  'table',
  'events',
  'unlisted',
  'keys',
  'shape',
  'fields',
  'plain',
  'fixture',
] as const
/** Types that can be masked, and pages and scripts, which could act for the caller. */
const NEVER_OPAQUE =
  /^(?:application\/(?:json|.+\+json|.+\+json-seq|json-seq|x-ndjson|ndjson|jsonl|x-jsonlines|jsonlines|xhtml\+xml|javascript|ecmascript|x-javascript)|text\/(?:csv|tab-separated-values|event-stream|html|javascript|ecmascript)|image\/svg\+xml|multipart\/.+)$/

function compileOpaque(
  { pass, dataSubjects, ...route }: RouteDocument,
  path: PolicyPath,
  complaints: Complaints,
): BodyFormat {
  for (const key of OF_MASKED) {
    if (route[key] !== undefined) {
      complaints.addAtKey(
        [...path, key],
        `\`${key}\` says nothing of answers that nobody looks into`,
      )
    }
  }
  for (const [index, type] of (pass?.opaque ?? []).entries()) {
    if (NEVER_OPAQUE.test(type)) {
      complaints.add(
        [...path, 'pass', 'opaque', index],
        `${type} is never passed unread`,
        'what can be masked is masked, see `format`; pages and scripts are refused',
      )
    }
  }
  for (const [index, { at, id }] of (dataSubjects ?? []).entries()) {
    if (at !== undefined || id !== undefined) {
      complaints.add(
        [...path, 'dataSubjects', index],
        'nobody looks for ids in answers that are passed unread',
        'write `request: path.id` alone, or leave it out',
      )
    }
  }
  return { kind: 'opaque', types: new Set(pass?.opaque) }
}

function tableFormat(kind: 'csv' | 'tsv', table: NonNullable<RouteDocument['table']>): BodyFormat {
  const columns = new Set(table.columns)
  return kind === 'csv' ? { kind, columns, separator: table.separator ?? COMMA } : { kind, columns }
}
