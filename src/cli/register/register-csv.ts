/** The register as CSV: one table of the grants and masks, or one of the record of processing. */
import { isUnused } from '../../insight/register/access-register.ts'
import type { RegisterReport } from './register-report.ts'
import { agentsOf, lastOf } from './register-report.ts'
import { csvLines } from './csv.ts'

const ACCESS = [
  'role',
  'role_owner',
  'class',
  'class_owner',
  'sensitive',
  'access',
  'mask',
  'sets',
  'card_numbers',
  'justification',
  'conditions',
  'routes',
  'shown',
  'revealed',
  'accesses',
  'agents',
  'last',
  'unused',
]

/** A line for each role and class, and way of access. */
export function accessCsv({ rows, cards }: RegisterReport): readonly string[] {
  const holding = new Map(cards.rows.map(({ row, inText }) => [row, inText ? 'in texts' : 'whole']))
  return csvLines(
    ACCESS,
    rows.map((row) => [
      row.role,
      row.roleOwner,
      row.class,
      row.classOwner,
      row.sensitive,
      row.access,
      row.mask,
      row.sets,
      holding.get(row) ?? 'no',
      row.justification,
      row.conditions.join('; '),
      row.routes.join('; '),
      row.use?.shown,
      row.use?.revealed,
      row.use?.accesses,
      agentsOf(row),
      lastOf(row),
      isUnused(row),
    ]),
  )
}

/** A line for each fact of the record of processing. */
export function processingCsv({ processing: record }: RegisterReport): readonly string[] {
  return csvLines(
    ['fact', 'text', 'owner', 'retention'],
    [
      ...facts('controller', [record.controller]),
      ...facts('officer', [record.officer]),
      ...facts('purpose', record.purposes),
      ...facts('data subjects', record.dataSubjects),
      ...facts('kind of record', record.kinds),
      ...record.categories.map((one) => ['class', one.class, one.owner, one.retention] as const),
      ...facts('recipient', record.recipients),
      ...facts('source', record.sources),
      ...facts('transfer', record.transfers),
      ...facts('measure', record.measures),
      ...facts('not stated', record.missing),
    ],
  )
}

function facts(name: string, texts: readonly (string | undefined)[]) {
  return texts.map((text) => [name, text, undefined, undefined] as const)
}
