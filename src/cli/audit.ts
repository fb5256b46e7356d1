/** `celosia audit tail` and `audit cat`: the records of either store, one JSON line or one readable line each. */
import { followAllStreams, readAllStreams } from '../audit/read-all.ts'
import type { StreamRecord } from '../audit/read-all.ts'
import type { ReadRecord } from '../audit/record-codec.ts'
import type { AuditRecord, JsonValue, StreamName } from '../core/audit-record.ts'
import { isoTime } from '../core/clock.ts'
import { textOption, UsageError, writeLine } from './command.ts'
import type { Command, CommandIo, OptionValues } from './command.ts'
import { openReader, STORE_OPTIONS, storePlace } from './stores.ts'
import { plainText } from './table.ts'

const TAIL_DEFAULT = 10

const options = {
  ...STORE_OPTIONS,
  format: {
    type: 'string',
    value: 'json|line',
    help: 'whole records, or one readable line each',
    default: 'json',
  },
} as const

export const auditCat: Command = {
  name: 'audit cat',
  summary: 'Print all records of the audit, oldest first.',
  operands: '',
  options,
  run: async (values, _operands, io) => {
    const write = writer(values, io)
    const reader = await openReader(storePlace(values, io))
    try {
      for await (const stored of readAllStreams(reader, { signal: io.signal })) await write(stored)
    } finally {
      await reader.close()
    }
    return 0
  },
}

export const auditTail: Command = {
  name: 'audit tail',
  summary: 'Print the newest records of the audit; with --follow, wait for more.',
  operands: '',
  options: {
    ...options,
    lines: {
      type: 'string',
      value: 'N',
      help: 'how many of the newest',
      default: String(TAIL_DEFAULT),
    },
    follow: { type: 'boolean', help: 'go on with each new record until interrupted' },
  },
  run: async (values, _operands, io) => {
    const lines = Number(textOption(values, 'lines'))
    if (!Number.isInteger(lines) || lines < 0 || lines > 100_000)
      throw new UsageError('--lines is a number from 0 to 100000')
    const write = writer(values, io)
    const reader = await openReader(storePlace(values, io))
    try {
      const newest: StreamRecord[] = []
      const after = new Map<StreamName, string>()
      for await (const stored of readAllStreams(reader, { signal: io.signal })) {
        after.set(stored.stream, stored.position)
        newest.push(stored)
        if (newest.length > lines) newest.shift()
      }
      for (const stored of newest) await write(stored)
      if (values['follow'] === true) {
        for await (const stored of followAllStreams(reader, { after, signal: io.signal }))
          await write(stored)
      }
    } finally {
      await reader.close()
    }
    return 0
  },
}

function writer(values: OptionValues, io: CommandIo): (record: ReadRecord) => Promise<void> {
  const format = textOption(values, 'format')
  if (format === 'json')
    return ({ envelope, record: { event } }) =>
      writeLine(io.stdout, JSON.stringify({ ...envelope, event }))
  if (format === 'line') return ({ record }) => writeLine(io.stdout, readableLine(record))
  throw new UsageError('--format is json or line')
}

/** Time, type, who, what, outcome and classes of a record on one line. */
export function readableLine({ type, event }: AuditRecord): string {
  const at = (path: string): JsonValue | undefined =>
    path
      .split('.')
      .reduce<JsonValue | undefined>(
        (node, step) =>
          node !== null && typeof node === 'object' && !Array.isArray(node)
            ? (node as Record<string, JsonValue>)[step]
            : undefined,
        event as JsonValue,
      )
  const time = at('time')
  const parts = [
    typeof time === 'number' ? isoTime(time) : '-',
    type,
    at('actor.user.uid'),
    at('unmapped.celosia.route') ?? at('api.operation') ?? at('finding_info.title'),
    at('http_response.code'),
    at('unmapped.celosia.decision') ?? at('unmapped.celosia.activity'),
    reasons(at('unmapped.celosia.reasons')),
    classes(at('unmapped.celosia.classes')),
  ]
  return parts.map(word).filter(Boolean).join(' ')
}

function word(value: JsonValue | undefined): string {
  return typeof value === 'string' || typeof value === 'number' ? plainText(String(value)) : ''
}

// Reasons of one access, or of many with how often each was given.
function reasons(value: JsonValue | undefined): string {
  if (!Array.isArray(value)) return ''
  return (value as readonly (string | { readonly reason: string; readonly count: number })[])
    .map((entry) => (typeof entry === 'string' ? entry : `${entry.reason}:${entry.count}`))
    .join(',')
}

function classes(value: JsonValue | undefined): string {
  if (!Array.isArray(value)) return ''
  return (value as readonly Record<string, JsonValue>[])
    .map((entry) => `${word(entry['class'])}:${word(entry['shown'])}/${word(entry['masked'])}`)
    .join(' ')
}
