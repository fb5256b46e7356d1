/** `celosia audit export`: records for keeping elsewhere, for `audit verify --file`, or for another tool. */
import { readAllStreams, timeOf } from '../audit/read-all.ts'
import { FORMATS, printerOf } from '../shipping/encoder.ts'
import { choiceOption } from './command.ts'
import type { Command, CommandIo } from './command.ts'
import { lineWriter, recordText, recordWriter } from './record-writer.ts'
import type { RecordWriter } from './record-writer.ts'
import { openReader, STORE_OPTIONS, storePlace } from './stores.ts'
import { escapeControls, plainText } from './table.ts'
import { isWithin, TIME_OPTIONS, timeSpan } from './time-span.ts'
import { version } from './version.ts'

const EXPORT_FORMATS = ['json', 'table', ...FORMATS] as const

export const auditExport: Command = {
  name: 'audit export',
  summary:
    'Print records of the audit, as JSON lines with their envelopes or in a format of others.',
  operands: '',
  options: {
    ...STORE_OPTIONS,
    ...TIME_OPTIONS,
    format: {
      type: 'string',
      value: EXPORT_FORMATS.join('|'),
      help: 'json and record can be verified, with --file',
      default: 'json',
    },
  },
  run: async (values, _operands, io) => {
    const span = timeSpan(values)
    const writer = exportWriter(choiceOption(values, 'format', EXPORT_FORMATS), io)
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

function exportWriter(format: (typeof EXPORT_FORMATS)[number], io: CommandIo): RecordWriter {
  if (format === 'table') return recordWriter('table', io)
  if (format === 'json') return lineWriter(io.stdout, recordText)
  const print = printerOf({ format, productVersion: version(), recordBytesMax: Infinity })
  const safe = format === 'cef' ? plainText : escapeControls
  return lineWriter(io.stdout, (record) => safe(print(record)))
}
