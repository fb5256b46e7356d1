/** What a register is printed from: the rows, who may see card numbers, and the record of processing, with where they come from. */
import { isoTime } from '../../core/clock.ts'
import type { AccessRow } from '../../insight/register/access-register.ts'
import { isUnused } from '../../insight/register/access-register.ts'
import type { CardHolders } from '../../insight/register/card-holders.ts'
import type { ProcessingRecord } from '../../insight/register/processing-record.ts'
import type { RecordedTime } from '../recorded-time.ts'
import type { TimeSpan } from '../time-span.ts'

export interface RegisterReport {
  readonly tenant: string
  readonly policy: string
  /** Of what time the audit was read, and has records; undefined: it was not read. */
  readonly audit: RegisterAudit | undefined
  readonly rows: readonly AccessRow[]
  readonly cards: CardHolders
  readonly processing: ProcessingRecord
}

/** A time of the audit. */
export interface RegisterAudit extends TimeSpan {
  readonly recorded: RecordedTime
}

/** The time of an access as it is printed. */
export function lastOf({ use }: AccessRow): string | undefined {
  return use?.lastMs === undefined ? undefined : isoTime(use.lastMs)
}

/** `>= 10000` where there were more than are told apart. */
export function agentsOf({ use }: AccessRow): string | number | undefined {
  return use?.agentsAtLeast === true ? `>= ${use.agents}` : use?.agents
}

/** The time that the audit was read for, and what of it is on record, in words. */
export function auditText(audit: RegisterAudit | undefined): string {
  if (audit === undefined) return 'not read'
  const { fromMs, toMs, recorded } = audit
  const from = Number.isFinite(fromMs) ? `from ${isoTime(fromMs)}` : 'from its beginning'
  const to = Number.isFinite(toMs) ? isoTime(toMs) : 'now'
  return `${from} to ${to}; ${recorded.words()}`
}

/** The whole as one object. */
export function registerJson({ tenant, policy, audit, ...parts }: RegisterReport): object {
  const { rows, cards, processing } = parts
  return {
    tenant,
    policy_sha256: policy,
    audit: audit === undefined ? null : auditJson(audit),
    access: rows.map(rowJson),
    card_numbers: {
      roles: cards.rows.map(({ row: { role, class: name, access }, inText }) => ({
        role,
        class: name,
        access,
        in_text: inText,
      })),
      unseen: cards.unseen,
    },
    processing: processingJson(processing),
  }
}

function auditJson({ fromMs, toMs, recorded: { span } }: RegisterAudit): object {
  return {
    from: timeOrNull(fromMs),
    to: timeOrNull(toMs),
    first_record: span === undefined ? null : isoTime(span.firstMs),
    last_record: span === undefined ? null : isoTime(span.lastMs),
  }
}

function rowJson(one: AccessRow): object {
  return {
    role: one.role,
    role_owner: one.roleOwner ?? null,
    class: one.class,
    class_owner: one.classOwner ?? null,
    sensitive: one.sensitive,
    access: one.access,
    mask: one.mask,
    holds: one.holds,
    sets: one.sets,
    justification: one.justification ?? null,
    conditions: one.conditions,
    routes: one.routes,
    use: useJson(one),
  }
}

function useJson(row: AccessRow): object | null {
  const { use } = row
  if (use === undefined) return null
  return {
    shown: use.shown,
    revealed: use.revealed,
    accesses: use.accesses,
    agents: use.agents,
    agents_at_least: use.agentsAtLeast,
    last: lastOf(row) ?? null,
    unused: isUnused(row) ?? null,
  }
}

function processingJson({ controller, officer, dataSubjects, ...rest }: ProcessingRecord): object {
  return {
    controller: controller ?? null,
    officer: officer ?? null,
    data_subjects: dataSubjects,
    ...rest,
    categories: rest.categories.map(({ owner, retention, ...category }) => ({
      ...category,
      owner: owner ?? null,
      retention: retention ?? null,
    })),
  }
}

function timeOrNull(ms: number): string | null {
  return Number.isFinite(ms) ? isoTime(ms) : null
}
