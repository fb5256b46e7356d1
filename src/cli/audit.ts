/** `celosia audit tail` and `audit cat`: the records of either store, whole, a line each or as a table. */
import { followAllStreams, readAllStreams, timeOf } from '../audit/read-all.ts'
import type { StreamRecord } from '../audit/read-all.ts'
import type { StreamName } from '../core/audit-record.ts'
import { choiceOption, textOption, UsageError } from './command.ts'
import type { Command } from './command.ts'
import { RECORD_FORMATS, recordFormat, recordWriter } from './record-writer.ts'
import { openReader, STORE_OPTIONS, storePlace } from './stores.ts'
import { isWithin, TIME_OPTIONS, timeSpan } from './time-span.ts'

const TAIL_DEFAULT = 10
const TAIL_MAX = 100_000

const options = { ...STORE_OPTIONS, ...TIME_OPTIONS, format: recordFormat('json') } as const

export const auditCat: Command = {
  name: 'audit cat',
  summary: 'Print all records of the audit, oldest first.',
  operands: '',
  options,
  run: async (values, _operands, io) => {
    const writer = recordWriter(choiceOption(values, 'format', RECORD_FORMATS), io)
    const span = timeSpan(values)
    const reader = await openReader(storePlace(values, io))
    try {
      for await (const stored of readAllStreams(reader, { signal: io.signal })) {
        if (isWithin(span, timeOf(stored))) await writer.take(stored)
      }
      await writer.flush()
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
    if (!Number.isInteger(lines) || lines < 0 || lines > TAIL_MAX)
      throw new UsageError(`--lines is a number from 0 to ${TAIL_MAX}`)
    const writer = recordWriter(choiceOption(values, 'format', RECORD_FORMATS), io)
    const span = timeSpan(values)
    const reader = await openReader(storePlace(values, io))
    try {
      const newest: StreamRecord[] = []
      const after = new Map<StreamName, string>()
      for await (const stored of readAllStreams(reader, { signal: io.signal })) {
        after.set(stored.stream, stored.position)
        if (!isWithin(span, timeOf(stored))) continue
        newest.push(stored)
        if (newest.length > lines) newest.shift()
      }
      for (const stored of newest) await writer.take(stored)
      await writer.flush()
      if (values['follow'] === true) {
        for await (const stored of followAllStreams(reader, { after, signal: io.signal }))
          if (isWithin(span, timeOf(stored))) await writer.take(stored)
      }
    } finally {
      await reader.close()
    }
    return 0
  },
}
