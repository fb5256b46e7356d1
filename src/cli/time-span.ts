/** The span of time that a command looks at: `--from` and `--to`. */
import { parseTime } from '../core/clock.ts'
import { textOption, UsageError } from './command.ts'
import type { CommandOption, OptionValues } from './command.ts'

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

/** The span that `--from` and `--to` say. Throws {@link UsageError}. */
export function timeSpan(values: OptionValues): TimeSpan {
  const time = (name: string, fallback: number): number => {
    const text = textOption(values, name)
    if (text === undefined) return fallback
    const ms = parseTime(text)
    if (ms === undefined) throw new UsageError(`--${name} is a date or a time, such as 2026-11-23`)
    return ms
  }
  const fromMs = time('from', Number.NEGATIVE_INFINITY)
  const toMs = time('to', Number.POSITIVE_INFINITY)
  if (fromMs >= toMs) throw new UsageError('--from is before --to')
  return { fromMs, toMs }
}

/** Whether a time lies in a span. */
export function isWithin({ fromMs, toMs }: TimeSpan, timeMs: number): boolean {
  return timeMs >= fromMs && timeMs < toMs
}
