/** `celosia insight replay`: what the requests of the past would have shown and masked under another policy. */
import { counted } from '../core/counted.ts'
import { isoTime } from '../core/clock.ts'
import { isLooser, PAST_CHANGES, ReplayReport } from '../insight/replay/replay-report.ts'
import type { ReplayLine } from '../insight/replay/replay-report.ts'
import { matching } from './audit-matching.ts'
import { choiceOption, LOOSER_EXIT_CODE, requiredOption, writeLine } from './command.ts'
import type { Command } from './command.ts'
import { loadPolicy } from './load-policy.ts'
import { STORE_OPTIONS } from './stores.ts'
import { jsonText, tableLines } from './table.ts'
import { timeSpan, TIME_OPTIONS } from './time-span.ts'

export const insightReplay: Command = {
  name: 'insight replay',
  summary: 'Tell what the requests of the past would have shown and masked under another policy.',
  operands: '',
  options: {
    policy: { type: 'string', value: 'FILE', help: 'the other policy' },
    config: {
      type: 'string',
      value: 'FILE',
      help: 'the policy that they were under',
      default: 'config/policies.yaml',
    },
    ...TIME_OPTIONS,
    format: { type: 'string', value: 'table|json', help: 'how to print', default: 'table' },
    'fail-on-loosening': {
      type: 'boolean',
      help: 'exit with 6 where something would be newly visible or allowed, or cannot be told',
    },
    ...STORE_OPTIONS,
  },
  notes: 'What the records cannot tell is said on standard error.',
  run: async (values, _operands, io) => {
    const format = choiceOption(values, 'format', ['table', 'json'])
    const [before, after] = [
      requiredOption(values, 'config'),
      requiredOption(values, 'policy'),
    ].map((file) => loadPolicy({ file, environment: io.environment, mode: 'author' }))
    if (before === undefined || after === undefined) throw new Error('two policies were loaded')
    const report = new ReplayReport(before, after)
    for await (const { record } of matching({ ...timeSpan(values) }, values, io))
      report.take(record)
    const lines = report.lines()
    const printed = format === 'json' ? lines.map((line) => jsonText(flat(line))) : words(lines)
    for (const line of printed) await writeLine(io.stdout, line)
    const looser = lines.filter(isLooser).length
    await writeLine(
      io.stderr,
      `${counted(report.requests, 'request')}; ${counted(lines.length, 'line')}, ${looser} of them looser or unknown`,
    )
    for (const limit of report.limits()) await writeLine(io.stderr, `note: ${limit}`)
    return values['fail-on-loosening'] === true && looser > 0 ? LOOSER_EXIT_CODE : 0
  },
}

function words(lines: readonly ReplayLine[]): readonly string[] {
  if (lines.length === 0) return ['nothing would have gone otherwise']
  return PAST_CHANGES.flatMap((change) => {
    const found = lines.filter((line) => line.change === change)
    if (found.length === 0) return []
    const header = ['roles', 'route', 'class', 'places', 'records', 'agents', 'last', 'why']
    const rows = found.map((line) => [
      line.roles === '' ? undefined : line.roles,
      line.route,
      line.class,
      line.places,
      line.records,
      line.agentsAtLeast ? `>= ${line.agents}` : line.agents,
      isoTime(line.lastMs),
      line.reason,
    ])
    return [`${change}:`, ...tableLines(header, rows), '']
  })
}

function flat({ lastMs, agentsAtLeast, reason, route, ...line }: ReplayLine): object {
  return {
    ...line,
    route: route ?? null,
    class: line.class ?? null,
    reason: reason ?? null,
    agents_at_least: agentsAtLeast,
    last: isoTime(lastMs),
  }
}
