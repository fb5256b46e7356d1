/** `celosia audit search`: records that fit what is asked for. */
import type { RecordFilter } from '../audit/query/record-filter.ts'
import type { StreamRecord } from '../audit/read-all.ts'
import { callerOf } from '../audit/export/caller.ts'
import { numberAt, objectsAt, textAt, textsAt } from '../audit/export/event-fields.ts'
import { classCounts } from '../audit/query/access-view.ts'
import type { AuditRecord } from '../core/audit-record.ts'
import { isoTime } from '../core/clock.ts'
import { matching } from './audit-matching.ts'
import { readableLine } from './audit.ts'
import { timeSpan, TIME_OPTIONS } from './audit-export.ts'
import { textOption, UsageError, writeLine } from './command.ts'
import type { Command, CommandIo, CommandOption, OptionValues } from './command.ts'
import { STORE_OPTIONS } from './stores.ts'
import { classesText, tableLines } from './table.ts'

const LIMIT_DEFAULT = 1_000
const LIMIT_MAX = 1_000_000

const FILTERS: Readonly<Record<string, CommandOption>> = {
  type: { type: 'string', value: 'TYPE', help: 'access, finding, policy, refusals, ...' },
  agent: { type: 'string', value: 'SUB', help: 'the `sub` of the agent’s token' },
  route: { type: 'string', value: 'TEXT', help: 'a part of the route’s template' },
  decision: { type: 'string', value: 'permit|deny', help: 'what was decided' },
  reason: { type: 'string', value: 'REASON', help: 'one of the reasons' },
  class: { type: 'string', value: 'CLASS', help: 'a data class that was in the answer' },
  request: { type: 'string', value: 'ID', help: 'the Celosia-Request-Id that a caller was given' },
}

export const auditSearch: Command = {
  name: 'audit search',
  summary: 'Print the records of the audit that fit all that is asked for.',
  operands: '',
  options: {
    ...STORE_OPTIONS,
    ...TIME_OPTIONS,
    ...FILTERS,
    limit: {
      type: 'string',
      value: 'N',
      help: 'end after so many',
      default: String(LIMIT_DEFAULT),
    },
    format: { type: 'string', value: 'table|json|line', help: 'how to print', default: 'table' },
  },
  run: async (values, _operands, io) => {
    const limit = Number(textOption(values, 'limit'))
    if (!Number.isInteger(limit) || limit < 1 || limit > LIMIT_MAX)
      throw new UsageError(`--limit is a number from 1 to ${LIMIT_MAX}`)
    const write = writerOf(textOption(values, 'format'), io)
    let left = limit
    for await (const stored of matching({ ...timeSpan(values), ...filterOf(values) }, values, io)) {
      await write.take(stored)
      left -= 1
      if (left === 0) break
    }
    await write.end()
    return 0
  },
}

interface Writer {
  readonly take: (stored: StreamRecord) => Promise<void>
  readonly end: () => Promise<void>
}

/** A table is written at its end, when the widths of its columns are known. */
function writerOf(format: string | undefined, { stdout }: CommandIo): Writer {
  if (format === 'json')
    return { take: (stored) => writeLine(stdout, jsonLine(stored)), end: NOTHING_LEFT }
  if (format === 'line')
    return { take: ({ record }) => writeLine(stdout, readableLine(record)), end: NOTHING_LEFT }
  if (format !== 'table') throw new UsageError('--format is table, json or line')
  const rows: Row[] = []
  return {
    take: ({ record }) => Promise.resolve(void rows.push(rowOf(record))),
    end: async () => {
      for (const line of tableLines(HEADER, rows)) await writeLine(stdout, line)
    },
  }
}

const NOTHING_LEFT = (): Promise<void> => Promise.resolve()

type Row = readonly (string | number | undefined)[]

const HEADER = ['time', 'type', 'agent', 'route', 'status', 'decision', 'reasons', 'classes']

function rowOf({ type, event }: AuditRecord): Row {
  return [
    isoTime(numberAt(event, 'time') ?? 0),
    type,
    callerOf(event).id,
    textAt(event, 'unmapped.celosia.route') ?? textAt(event, 'finding_info.title'),
    numberAt(event, 'http_response.code'),
    textAt(event, 'unmapped.celosia.decision') ?? textAt(event, 'unmapped.celosia.activity'),
    textsAt(event, 'unmapped.celosia.reasons').join(' '),
    classesText(objectsAt(event, 'unmapped.celosia.classes').map(classCounts)),
  ]
}

function jsonLine({ envelope, record }: StreamRecord): string {
  return JSON.stringify({ ...envelope, event: record.event })
}

function filterOf(values: OptionValues): Omit<RecordFilter, 'fromMs' | 'toMs'> {
  return Object.fromEntries(Object.keys(FILTERS).map((name) => [name, textOption(values, name)]))
}
