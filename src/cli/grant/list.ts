/** `celosia grant list`: the grants with their state; with --to-review those that somebody still has to look at. */
import { isoTime, systemClock } from '../../core/clock.ts'
import { approvalOf } from '../../identity/grants/grants.ts'
import type { Approval } from '../../identity/grants/approval.ts'
import type { Grant } from '../../identity/grants/grant-book.ts'
import { writeLine } from '../command.ts'
import type { Command } from '../command.ts'
import { GRANT_OPTIONS, loadGrantPolicy, readGrants, withGrantLog } from './options.ts'
import { jsonText, plainText } from '../table.ts'

export const grantList: Command = {
  name: 'grant list',
  summary: 'Print the grants of the last 400 days, with their state.',
  operands: '',
  options: {
    'to-review': { type: 'boolean', help: 'only those that were approved and nobody has reviewed' },
    json: { type: 'boolean', help: 'one JSON line each' },
    ...GRANT_OPTIONS,
  },
  notes:
    'States: requested, active, over, revoked; invalid where no approver of this policy has approved it, or for themselves.',
  run: async (values, _operands, io) => {
    const { compiled, breakGlass } = loadGrantPolicy(values, io)
    const book = await withGrantLog(values, io, readGrants)
    for (const grant of book.all()) {
      const approval = await approvalOf(grant, breakGlass, compiled.tenant)
      const row = rowOf(grant, approval)
      if (values['to-review'] === true && (row.approver === null || row.reviewedBy !== null))
        continue
      await writeLine(io.stdout, values['json'] === true ? jsonText(row) : words(row))
    }
    return 0
  },
}

interface Row {
  readonly id: string
  readonly state: 'requested' | 'active' | 'over' | 'revoked' | 'invalid'
  readonly subject: string | null
  readonly issuer: string | null
  readonly classes: readonly string[]
  readonly reason: string
  readonly requestedBy: string | null
  readonly approver: string | null
  readonly until: string | null
  readonly revokedBy: string | null
  readonly reviewedBy: string | null
}

function rowOf(grant: Grant, approval: Approval | undefined): Row {
  const { request } = grant
  const said = approval?.terms ?? request
  return {
    id: grant.id,
    state: stateOf(grant, approval),
    subject: said?.subject ?? null,
    issuer: said?.issuer ?? null,
    classes: said?.classes ?? [],
    reason: [said?.code, said?.ticket].filter(Boolean).join(' '),
    requestedBy: request?.by ?? null,
    approver: approval?.approver.name ?? null,
    until: approval === undefined ? null : isoTime(approval.terms.untilS * 1_000),
    revokedBy: grant.revokedBy ?? null,
    reviewedBy: grant.reviewedBy ?? null,
  }
}

function stateOf({ revokedMs, approvals }: Grant, approval: Approval | undefined): Row['state'] {
  if (revokedMs !== undefined) return 'revoked'
  if (approval === undefined) return approvals.length === 0 ? 'requested' : 'invalid'
  return systemClock.nowMs() < approval.terms.untilS * 1_000 ? 'active' : 'over'
}

function words(row: Row): string {
  const review = row.approver === null ? '-' : (row.reviewedBy ?? 'to review')
  return [
    row.id,
    row.state,
    row.subject ?? '-',
    row.classes.join(','),
    row.reason || '-',
    `approver: ${row.approver ?? '-'}`,
    `until: ${row.until ?? '-'}`,
    `review: ${review}`,
  ]
    .map(plainText)
    .join('  ')
}
