/**
 * `celosia audit subject`: who saw the data of one person. The pseudonyms of the id are computed with the keys of the policy;
 * the audit itself cannot be asked for an id.
 */
import { SubjectReport } from '../audit/query/subject-report.ts'
import type { SubjectAccess } from '../audit/query/subject-report.ts'
import { isoTime } from '../core/clock.ts'
import { matching } from './audit-matching.ts'
import { auditPseudonyms, unknownKind } from './audit-pseudonyms.ts'
import { timeSpan, TIME_OPTIONS } from './time-span.ts'
import { choiceOption, requiredOption, UsageError, writeLine } from './command.ts'
import type { Command, CommandIo } from './command.ts'
import { STORE_OPTIONS } from './stores.ts'
import { classesText, jsonText, tableLines } from './table.ts'
import { tableWriter } from './table-writer.ts'

export const auditSubject: Command = {
  name: 'audit subject',
  summary: 'Tell who saw the data of one person: which classes, when and why.',
  operands: 'ID',
  options: {
    kind: { type: 'string', value: 'KIND', help: 'kind of data subject in the policy: user' },
    config: {
      type: 'string',
      value: 'FILE',
      help: 'the policy, whose keys.audit make the pseudonyms',
      default: 'config/policies.yaml',
    },
    ...STORE_OPTIONS,
    ...TIME_OPTIONS,
    format: { type: 'string', value: 'table|json', help: 'how to print', default: 'table' },
  },
  notes:
    'The pseudonyms of all versions of the key are looked for: keys.audit and keys.audit.previous of the policy.',
  run: async (values, operands, io) => {
    const [id, ...others] = operands
    if (id === undefined || id === '' || others.length > 0)
      throw new UsageError(
        'one id of a data subject is needed: celosia audit subject 7 --kind user',
      )
    const kind = requiredOption(values, 'kind')
    const format = choiceOption(values, 'format', ['table', 'json'])
    const known = auditPseudonyms(requiredOption(values, 'config'), kind, id, io)
    const { pseudonyms, missing } = known
    const slip = unknownKind(kind, known)
    if (slip !== undefined) await writeLine(io.stderr, slip)
    for (const key of missing)
      await writeLine(io.stderr, `${key} is not here: accesses of its time are not found`)
    const report = new SubjectReport(kind, pseudonyms)
    const table = tableWriter(HEADER, io)
    for await (const { record } of matching(timeSpan(values), values, io)) {
      const access = report.take(record)
      if (access === undefined) continue
      if (format === 'json') await writeLine(io.stdout, jsonText(flat(access)))
      else await table.add(rowOf(access))
    }
    if (format === 'table') {
      await table.flush()
      await writeSums(report, io)
    }
    if (report.unnamed > 0)
      await writeLine(
        io.stderr,
        `${report.unnamed} records name fewer data subjects than there were; this one may be among the others`,
      )
    return 0
  },
}

const HEADER = ['time', 'agent', 'roles', 'route', 'decision', 'why', 'of this person']

function rowOf({ access, classes }: SubjectAccess): readonly (string | undefined)[] {
  return [
    isoTime(access.timeMs),
    access.agent,
    access.roles.join(' '),
    access.route,
    access.decision,
    whyOf(access),
    classesText(classes),
  ]
}

async function writeSums(report: SubjectReport, { stdout }: CommandIo): Promise<void> {
  const sums = report
    .agents()
    .toSorted((a, b) => b.accesses - a.accesses)
    .map(({ agent, accesses, firstMs, lastMs, classes }) => [
      agent,
      accesses,
      isoTime(firstMs),
      isoTime(lastMs),
      classesText(classes),
    ])
  const header = ['agent', 'accesses', 'first', 'last', 'of this person']
  const lines = sums.length === 0 ? ['no access on record'] : ['', ...tableLines(header, sums)]
  for (const line of lines) await writeLine(stdout, line)
}

function whyOf({ reasons, purpose, reveal }: SubjectAccess['access']): string {
  const asked = [
    ...(purpose === undefined ? [] : [`for ${purpose}`]),
    ...(reveal === undefined ? [] : [`reveal ${reveal}`]),
  ]
  return [reasons.join(' '), ...asked].join(', ')
}

function flat({ access, classes }: SubjectAccess): object {
  const { id, timeMs, requestId, phase, agent, issuer, roles, session, address } = access
  const { method, route, decision, reasons, status, purpose, reveal } = access
  return {
    time: isoTime(timeMs),
    agent,
    issuer,
    roles,
    session,
    address,
    method,
    route,
    phase,
    decision,
    reasons,
    status,
    purpose,
    reveal,
    classes,
    request: requestId,
    record: id,
  }
}
