/** The register as a document: the matrix, each grant with its reasons, who may see card numbers, the record of processing. */
import { isGranted, isUnused } from '../../insight/register/access-register.ts'
import type { AccessRow } from '../../insight/register/access-register.ts'
import { markdownList, markdownTable, markdownText } from './markdown.ts'
import { agentsOf, auditText, lastOf } from './register-report.ts'
import type { RegisterReport } from './register-report.ts'

/** All of it, line by line. */
export function registerMarkdown(report: RegisterReport): readonly string[] {
  return [
    '# Register of access to personal data',
    ...markdownList([
      `Tenant: ${report.tenant}`,
      `Policy: sha256 ${report.policy}`,
      `Audit: ${auditText(report.audit)}`,
    ]),
    ...matrixPart(report.rows),
    ...grantsPart(report.rows),
    ...unusedPart(report),
    ...cardPart(report),
    ...processingPart(report),
  ]
}

function matrixPart(rows: readonly AccessRow[]): readonly string[] {
  const roles = [...new Set(rows.map(({ role }) => role))]
  const classes = [...new Set(rows.map((row) => row.class))]
  const cells = Map.groupBy(rows, (row) => JSON.stringify([row.role, row.class]))
  const cell = (role: string, name: string) =>
    (cells.get(JSON.stringify([role, name])) ?? [])
      .map(({ access, mask }) =>
        access === 'masked' ? mask.replace(/^scan\(.*$/, 'scan') : access,
      )
      .join(', ')
  return [
    '',
    '## Roles and classes',
    '',
    'What each role has in clear, on request with a reason (reveal), or by a second person (break-glass); else the operator that',
    'is left for it.',
    ...markdownTable(
      ['class', ...roles.map(markdownText)],
      classes.map((name) => [name, ...roles.map((role) => cell(role, name))]),
    ),
  ]
}

function grantsPart(rows: readonly AccessRow[]): readonly string[] {
  return [
    '',
    '## Grants',
    ...markdownTable(
      'role,class,access,sets,justification,conditions,routes,owner of role,owner of class,last use,agents'.split(
        ',',
      ),
      rows
        .filter(isGranted)
        .map((row) => [
          row.role,
          `${row.class}${row.sensitive ? ' (sensitive)' : ''}`,
          row.access,
          row.sets ? 'yes' : 'no',
          row.justification,
          row.conditions.length === 0 ? undefined : row.conditions.join('; '),
          row.routes.length === 0 ? 'none' : row.routes.join('; '),
          row.roleOwner,
          row.classOwner,
          lastOf(row),
          agentsOf(row),
        ]),
    ),
  ]
}

// HIPAA 45 CFR 164.502(b), 164.514(d)(2): who needs what for their work, and no more.
function unusedPart({ rows, audit }: RegisterReport): readonly string[] {
  const unused = rows.filter((row) => isUnused(row) === true)
  return [
    '',
    '## Minimum necessary',
    '',
    ...(audit === undefined
      ? ['The audit was not read: whether what is granted is needed, nobody can tell from here.']
      : unused.length === 0
        ? ['All that is granted was used in this time.']
        : ['Granted, and used by nobody in this time:']),
    ...markdownTable(
      ['role', 'class', 'access', 'justification'],
      unused.map((row) => [row.role, row.class, row.access, row.justification]),
    ),
  ]
}

function cardPart({ cards }: RegisterReport): readonly string[] {
  return [
    '',
    '## Roles that may see full card numbers',
    '',
    cards.rows.length === 0
      ? 'No role: by the policy, card numbers are masked for all (PCI DSS 3.4.1).'
      : 'PCI DSS 3.4.1. All other roles see them masked.',
    ...markdownTable(
      ['role', 'where', 'access', 'business need', 'conditions', 'owner of role'],
      cards.rows.map(({ row, inText }) => [
        row.role,
        inText ? `in texts: ${row.class}` : row.class,
        row.access,
        row.justification,
        row.conditions.length === 0 ? undefined : row.conditions.join('; '),
        row.roleOwner,
      ]),
    ),
    ...(cards.unseen.length === 0
      ? []
      : ['', 'Where nobody looks for them, so that the policy cannot tell:']),
    ...markdownList(cards.unseen),
  ]
}

function processingPart({ processing: record }: RegisterReport): readonly string[] {
  return [
    '',
    '## Record of processing',
    '',
    'GDPR art. 30(1), as far as the policy tells it.',
    ...listed('Controller', [record.controller]),
    ...listed('Data protection officer', [record.officer]),
    ...listed('Purposes', record.purposes),
    ...listed('Categories of data subjects', [
      ...record.dataSubjects,
      ...record.kinds.map((kind) => `records of the helpdesk: ${kind}`),
    ]),
    '',
    '### Categories of personal data, and when they are erased',
    ...markdownTable(
      ['class', 'sensitive', 'owner', 'erased (as stated; the gateway erases nothing)'],
      record.categories.map((one) => [
        one.class,
        one.sensitive ? 'yes' : 'no',
        one.owner,
        one.retention,
      ]),
    ),
    ...listed('Recipients', record.recipients),
    ...listed('Where the data comes from', record.sources),
    ...listed('Transfers to third countries', record.transfers),
    ...listed('Measures', record.measures),
    ...(record.missing.length === 0 ? [] : listed('Not stated in the policy', record.missing)),
  ]
}

function listed(title: string, texts: readonly (string | undefined)[]): readonly string[] {
  const said = texts.filter((text) => text !== undefined)
  return ['', `### ${title}`, ...(said.length === 0 ? ['', 'Not stated.'] : markdownList(said))]
}
