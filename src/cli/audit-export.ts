/** `celosia audit export`: records as JSON lines, whole, for keeping elsewhere or for `audit verify --file`. */
import { readAllStreams, timeOf } from '../audit/read-all.ts'
import { parseTime } from '../core/clock.ts'
import { textOption, UsageError, writeLine } from './command.ts'
import type { Command, CommandOption, OptionValues } from './command.ts'
import { openReader, STORE_OPTIONS, storePlace } from './stores.ts'

/** Options of every command that looks at a span of time. */
export const TIME_OPTIONS: Readonly<Record<string, CommandOption>> = {
  from: {
    type: 'string',
    value: 'TIME',
    help: 'from this time on: 2026-11-23 or 2026-11-23T10:00Z',
  },
  to: { type: 'string', value: 'TIME', help: 'before this time' },
}

/** A span of time in milliseconds, `to` not included. */
export interface TimeSpan {
  readonly fromMs: number
  readonly toMs: number
}

export const auditExport: Command = {
  name: 'audit export',
  summary: 'Print records of the audit as JSON lines, with their envelopes.',
  operands: '',
  options: { ...STORE_OPTIONS, ...TIME_OPTIONS },
  run: async (values, _operands, io) => {
    const span = timeSpan(values)
    const reader = await openReader(storePlace(values, io))
    try {
      for await (const stored of readAllStreams(reader, { signal: io.signal })) {
        if (!isWithin(span, timeOf(stored))) continue
        const { envelope, record } = stored
        await writeLine(io.stdout, JSON.stringify({ ...envelope, event: record.event }))
      }
    } finally {
      await reader.close()
    }
    return 0
  },
}

/** The span that `--from` and `--to` say. Throws {@link UsageError}. */
export function timeSpan(values: OptionValues): TimeSpan {
  const time = (name: string, fallback: number): number => {
    const text = textOption(values, name)
    if (text === undefined) return fallback
    const ms = parseTime(text)
    if (ms === undefined) throw new UsageError(`--${name} is a date or a time, such as 2026-11-23`)
    return ms
  }
  return {
    fromMs: time('from', Number.NEGATIVE_INFINITY),
    toMs: time('to', Number.POSITIVE_INFINITY),
  }
}

/** Whether a time lies in a span. */
export function isWithin({ fromMs, toMs }: TimeSpan, timeMs: number): boolean {
  return timeMs >= fromMs && timeMs < toMs
}
