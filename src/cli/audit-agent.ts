/** `celosia audit agent`: the blast radius of one agent. */
import { counted } from '../core/counted.ts'
import { AgentReport } from '../audit/query/agent-report.ts'
import type { AgentSummary } from '../audit/query/agent-report.ts'
import { isoTime } from '../core/clock.ts'
import { matching } from './audit-matching.ts'
import { timeSpan, TIME_OPTIONS } from './time-span.ts'
import { choiceOption, UsageError, writeLine } from './command.ts'
import type { Command } from './command.ts'
import { STORE_OPTIONS } from './stores.ts'
import { classesText, jsonText, plainText, tableLines } from './table.ts'

export const auditAgent: Command = {
  name: 'audit agent',
  summary: 'Tell what one agent has seen: of how many people which classes, and by which routes.',
  operands: 'SUB',
  options: {
    ...STORE_OPTIONS,
    ...TIME_OPTIONS,
    format: { type: 'string', value: 'table|json', help: 'how to print', default: 'table' },
  },
  notes: 'SUB is the `sub` of the agent’s token, as records have it.',
  run: async (values, operands, io) => {
    const [agent, ...others] = operands
    if (agent === undefined || agent === '' || others.length > 0)
      throw new UsageError('one agent is needed: celosia audit agent agent-7')
    const format = choiceOption(values, 'format', ['table', 'json'])
    const report = new AgentReport(agent)
    for await (const { record } of matching({ ...timeSpan(values) }, values, io))
      report.take(record)
    const summary = report.summary()
    const lines = format === 'json' ? [jsonText(flat(agent, summary))] : words(agent, summary)
    for (const line of lines) await writeLine(io.stdout, line)
    return 0
  },
}

function words(agent: string, summary: AgentSummary): readonly string[] {
  const { accesses, refused, writes, findings, firstMs, lastMs, atLeast } = summary
  if (firstMs === undefined || lastMs === undefined)
    return [`${plainText(agent)}: no access on record`]
  const people = summary.people.map(({ kind, class: name, inClear, inAnyForm }) => [
    kind,
    name,
    atLeast ? `>= ${inClear}` : inClear,
    atLeast ? `>= ${inAnyForm}` : inAnyForm,
  ])
  return [
    `${plainText(agent)}: ${counted(accesses, 'access')}, ${refused} of them refused, ${counted(writes, 'write')}, ${counted(findings.length, 'finding')}, ${isoTime(firstMs)} to ${isoTime(lastMs)}`,
    '',
    ...tableLines(['people', 'class', 'seen in clear', 'seen in any form'], people),
    '',
    classesText(summary.classes),
    '',
    ...tableLines(['route', 'accesses'], byCount(summary.routes)),
    '',
    ...tableLines(['why', 'accesses'], byCount(summary.reasons)),
    '',
    ...tableLines(['address', 'accesses'], byCount(summary.addresses)),
    ...findings.map((rule) => `finding: ${plainText(rule)}`),
  ]
}

function byCount(counts: ReadonlyMap<string, number>): (readonly [string, number])[] {
  return [...counts].toSorted(([, a], [, b]) => b - a)
}

function flat(agent: string, summary: AgentSummary): object {
  const { routes, reasons, addresses, firstMs, lastMs, atLeast, ...rest } = summary
  return {
    agent,
    ...rest,
    first: firstMs === undefined ? null : isoTime(firstMs),
    last: lastMs === undefined ? null : isoTime(lastMs),
    routes: Object.fromEntries(routes),
    reasons: Object.fromEntries(reasons),
    addresses: Object.fromEntries(addresses),
    at_least: atLeast,
  }
}
