/** Writes records of the audit to standard output: whole ones as JSON, one readable line each, or a table. */
import { callerOf } from '../audit/export/caller.ts'
import { numberAt, objectsAt, textAt, textsAt } from '../audit/export/event-fields.ts'
import { classCounts } from '../audit/query/access-view.ts'
import type { ReadRecord } from '../audit/record-codec.ts'
import type { AuditRecord } from '../core/audit-record.ts'
import { isoTime } from '../core/clock.ts'
import { writeLine } from './command.ts'
import type { CommandIo, CommandOption } from './command.ts'
import { readableLine } from './readable-line.ts'
import { classesText, jsonText } from './table.ts'
import { tableWriter } from './table-writer.ts'

/** How records can be printed. */
export const RECORD_FORMATS = ['json', 'line', 'table'] as const
export type RecordPrint = (typeof RECORD_FORMATS)[number]

/** The option that asks for one of them. */
export function recordFormat(fallback: RecordPrint): CommandOption {
  return {
    type: 'string',
    value: 'json|line|table',
    help: 'whole records, one readable line each, or a table',
    default: fallback,
  }
}

export interface RecordWriter {
  readonly take: (record: ReadRecord) => Promise<void>
  /** Writes what waits; what is taken from then on is written at once. */
  readonly flush: () => Promise<void>
}

export function recordWriter(format: RecordPrint, { stdout }: CommandIo): RecordWriter {
  if (format === 'json') return lineWriter(stdout, recordText)
  if (format === 'line') return lineWriter(stdout, ({ record }) => readableLine(record))
  const table = tableWriter(HEADER, { stdout })
  return { take: ({ record }) => table.add(rowOf(record)), flush: table.flush }
}

/** A writer of one line for each record. */
export function lineWriter(
  stdout: CommandIo['stdout'],
  print: (record: ReadRecord) => string,
): RecordWriter {
  return { take: (record) => writeLine(stdout, print(record)), flush: () => Promise.resolve() }
}

/** A record with its place in the chain, as one line of JSON. */
export function recordText({ envelope, record }: ReadRecord): string {
  return jsonText({ ...envelope, event: record.event })
}

const HEADER = ['time', 'type', 'agent', 'route', 'status', 'decision', 'reasons', 'classes']

// Of an access objects with counts, of a finding names.
const CLASSES = 'unmapped.celosia.classes'

function rowOf({ type, event }: AuditRecord): readonly (string | number | undefined)[] {
  return [
    isoTime(numberAt(event, 'time') ?? 0),
    type,
    callerOf(event).id,
    textAt(event, 'unmapped.celosia.route') ?? textAt(event, 'finding_info.title'),
    numberAt(event, 'http_response.code'),
    textAt(event, 'unmapped.celosia.decision') ?? textAt(event, 'unmapped.celosia.activity'),
    textsAt(event, 'unmapped.celosia.reasons').join(' '),
    classesText(objectsAt(event, CLASSES).map(classCounts)) || textsAt(event, CLASSES).join('; '),
  ]
}
