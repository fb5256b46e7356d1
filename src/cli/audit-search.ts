/** `celosia audit search`: records that fit what is asked for. */
import type { RecordFilter } from '../audit/query/record-filter.ts'
import { matching } from './audit-matching.ts'
import { choiceOption, textOption, UsageError } from './command.ts'
import type { Command, CommandOption, OptionValues } from './command.ts'
import { RECORD_FORMATS, recordFormat, recordWriter } from './record-writer.ts'
import { STORE_OPTIONS } from './stores.ts'
import { TIME_OPTIONS, timeSpan } from './time-span.ts'

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
    format: recordFormat('table'),
  },
  run: async (values, _operands, io) => {
    const limit = Number(textOption(values, 'limit'))
    if (!Number.isInteger(limit) || limit < 1 || limit > LIMIT_MAX)
      throw new UsageError(`--limit is a number from 1 to ${LIMIT_MAX}`)
    const writer = recordWriter(choiceOption(values, 'format', RECORD_FORMATS), io)
    let left = limit
    for await (const stored of matching({ ...timeSpan(values), ...filterOf(values) }, values, io)) {
      await writer.take(stored)
      left -= 1
      if (left === 0) break
    }
    await writer.flush()
    return 0
  },
}

function filterOf(values: OptionValues): Omit<RecordFilter, 'fromMs' | 'toMs'> {
  return Object.fromEntries(Object.keys(FILTERS).map((name) => [name, textOption(values, name)]))
}
