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
  const { format: kind = 'json', table, events, keys } = route
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

function tableFormat(kind: 'csv' | 'tsv', table: NonNullable<RouteDocument['table']>): BodyFormat {
  const columns = new Set(table.columns)
  return kind === 'csv' ? { kind, columns, separator: table.separator ?? COMMA } : { kind, columns }
}
