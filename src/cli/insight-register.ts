/** `celosia insight register`: who may see what, why and under which conditions, from the policy and the audit. */
import { grantsOf } from '../insight/policy-view.ts'
import { accessRegister } from '../insight/register/access-register.ts'
import { cardHolders } from '../insight/register/card-holders.ts'
import { processingRecord } from '../insight/register/processing-record.ts'
import { UsageReport } from '../insight/usage-report.ts'
import type { UsageLine } from '../insight/usage-report.ts'
import { timeSpan, TIME_OPTIONS } from './time-span.ts'
import { matching } from './audit-matching.ts'
import { requiredOption, textOption, UsageError, writeLine } from './command.ts'
import type { Command, CommandIo, OptionValues } from './command.ts'
import { loadPolicy } from './load-policy.ts'
import type { LoadResult } from './load-policy.ts'
import { accessCsv, processingCsv } from './register/register-csv.ts'
import { RecordedTime } from './recorded-time.ts'
import { registerMarkdown } from './register/register-markdown.ts'
import { registerJson } from './register/register-report.ts'
import type { RegisterReport } from './register/register-report.ts'
import { STORE_OPTIONS } from './stores.ts'
import { jsonText } from './table.ts'

const FORMATS: Readonly<Record<string, (report: RegisterReport) => readonly string[]>> = {
  markdown: registerMarkdown,
  json: (report) => [jsonText(registerJson(report))],
  csv: accessCsv,
  'csv-processing': processingCsv,
}

export const insightRegister: Command = {
  name: 'insight register',
  summary:
    'Print the register of roles and classes: grants with reasons and use, card numbers, record of processing.',
  operands: '',
  options: {
    config: { type: 'string', value: 'FILE', help: 'the policy', default: 'config/policies.yaml' },
    format: {
      type: 'string',
      value: 'markdown|json|csv|csv-processing',
      help: 'how to print; csv is the grants, csv-processing the record of processing',
      default: 'markdown',
    },
    'policy-only': { type: 'boolean', help: 'do not read the audit: nothing is said of use' },
    ...TIME_OPTIONS,
    ...STORE_OPTIONS,
  },
  notes: 'What the policy does not state, such as owners, is listed at the end.',
  run: async (values, _operands, io) => {
    const format = FORMATS[requiredOption(values, 'format')]
    if (format === undefined)
      throw new UsageError(`--format is one of ${Object.keys(FORMATS).join(', ')}`)
    const file = requiredOption(values, 'config')
    const policy = loadPolicy({ file, environment: io.environment, mode: 'author' })
    const used = await usageOf(policy, values, io)
    const rows = accessRegister(policy, used?.lines)
    const report = {
      tenant: policy.compiled.tenant,
      policy: policy.compiled.sha256,
      audit: used && { ...timeSpan(values), recorded: used.recorded },
      rows,
      cards: cardHolders(policy, rows),
      processing: processingRecord(policy),
    }
    for (const line of format(report)) await writeLine(io.stdout, line)
    return 0
  },
}

interface Used {
  readonly lines: readonly UsageLine[]
  readonly recorded: RecordedTime
}

/** Undefined: the audit is not to be read. */
async function usageOf(
  { compiled }: LoadResult,
  values: OptionValues,
  io: CommandIo,
): Promise<Used | undefined> {
  const asked = ['from', 'to', 'redis', 'journal'].find(
    (name) => textOption(values, name) !== undefined,
  )
  if (values['policy-only'] === true) {
    if (asked !== undefined)
      throw new UsageError(`--policy-only reads no audit: leave --${asked} out`)
    return undefined
  }
  const report = new UsageReport('role')
  const recorded = new RecordedTime()
  for await (const { record } of matching(timeSpan(values), values, io)) {
    recorded.take(record)
    report.take(record)
  }
  await writeLine(io.stderr, `note: ${recorded.words()}`)
  return { lines: report.lines(grantsOf(compiled)), recorded }
}
