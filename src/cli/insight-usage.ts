/** `celosia insight usage`: what roles and agents were shown of each class, and what they are granted and never used. */
import { isoTime } from '../core/clock.ts'
import { grantsOf } from '../insight/policy-view.ts'
import { UsageReport } from '../insight/usage-report.ts'
import type { UsageLine } from '../insight/usage-report.ts'
import { timeSpan, TIME_OPTIONS } from './time-span.ts'
import { matching } from './audit-matching.ts'
import { choiceOption, requiredOption, textOption, UsageError, writeLine } from './command.ts'
import type { Command } from './command.ts'
import { loadPolicy } from './load-policy.ts'
import { RecordedTime } from './recorded-time.ts'
import { STORE_OPTIONS } from './stores.ts'
import { jsonText, tableLines } from './table.ts'

export const insightUsage: Command = {
  name: 'insight usage',
  summary:
    'Tell per role, or per agent, which classes were shown and used, and what is granted and never used.',
  operands: '',
  options: {
    config: { type: 'string', value: 'FILE', help: 'the policy', default: 'config/policies.yaml' },
    by: { type: 'string', value: 'role|agent', help: 'whose lines', default: 'role' },
    ...TIME_OPTIONS,
    format: { type: 'string', value: 'table|json', help: 'how to print', default: 'table' },
    ...STORE_OPTIONS,
  },
  notes:
    'Used means revealed, searched by or written. Whether somebody read what a screen showed, a gateway cannot know.',
  run: async (values, _operands, io) => {
    const by = textOption(values, 'by')
    if (by !== 'role' && by !== 'agent') throw new UsageError('--by is role or agent')
    const format = choiceOption(values, 'format', ['table', 'json'])
    const file = requiredOption(values, 'config')
    const { compiled } = loadPolicy({ file, environment: io.environment, mode: 'author' })
    const report = new UsageReport(by)
    const recorded = new RecordedTime()
    for await (const { record } of matching({ ...timeSpan(values) }, values, io)) {
      recorded.take(record)
      report.take(record)
    }
    await writeLine(io.stderr, `note: ${recorded.words()}`)
    const lines = report.lines(grantsOf(compiled))
    const printed = format === 'json' ? lines.map((line) => jsonText(flat(line))) : words(lines)
    for (const line of printed) await writeLine(io.stdout, line)
    return 0
  },
}

function isUnused({ granted, accesses }: UsageLine): boolean {
  return (granted === 'show' || granted === 'reveal') && accesses === 0
}

function words(lines: readonly UsageLine[]): readonly string[] {
  const unused = lines.filter(isUnused)
  const rows = lines.map((line) => [
    line.who,
    line.class,
    line.granted,
    line.shown,
    line.revealed,
    line.masked,
    line.searched,
    line.written,
    line.agentsAtLeast ? `>= ${line.agents}` : line.agents,
    line.lastMs === undefined ? undefined : isoTime(line.lastMs),
  ])
  const header = 'who,class,granted,shown,revealed,masked,searched,written,agents,last'.split(',')
  const missing = unused.map((line) => [line.who, line.class, line.granted])
  return [
    ...tableLines(header, rows),
    ...(missing.length === 0 ? [] : ['', 'granted, and never used in this time:']),
    ...tableLines(['who', 'class', 'granted'], missing),
  ]
}

function flat({ lastMs, granted, agentsAtLeast, ...line }: UsageLine): object {
  return {
    ...line,
    agents_at_least: agentsAtLeast,
    granted: granted ?? null,
    last: lastMs === undefined ? null : isoTime(lastMs),
    unused: isUnused({ ...line, lastMs, granted, agentsAtLeast }),
  }
}
