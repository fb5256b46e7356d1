/** `celosia grant revoke` and `grant review`: ends a grant before its time; says that somebody looked at what was done with it. */
import type { GrantNote } from '../../identity/grants/grant-entry.ts'
import { UsageError, writeLine } from '../command.ts'
import type { Command } from '../command.ts'
import {
  append,
  BY_OPTION,
  GRANT_OPTIONS,
  nameOption,
  namedGrant,
  withGrantLog,
} from './options.ts'

export const grantRevoke: Command = {
  name: 'grant revoke',
  summary: 'End a grant before its time, on every instance within two seconds.',
  operands: 'ID',
  options: { ...BY_OPTION, ...GRANT_OPTIONS },
  run: async (values, operands, io) => {
    const by = nameOption(values, 'by')
    await withGrantLog(values, io, async (log) => {
      const { id } = await namedGrant(operands, log)
      await append<GrantNote>(log, { kind: 'revocation', id, by })
    })
    await writeLine(io.stdout, 'revoked')
    return 0
  },
}

export const grantReview: Command = {
  name: 'grant review',
  summary: 'Say that you have looked at what was done with a grant.',
  operands: 'ID',
  options: { ...BY_OPTION, ...GRANT_OPTIONS },
  notes:
    'The uses of a grant are in the audit: celosia audit cat, records with its id under reveal.',
  run: async (values, operands, io) => {
    const by = nameOption(values, 'by')
    await withGrantLog(values, io, async (log) => {
      const { id, approvals } = await namedGrant(operands, log)
      if (approvals.length === 0) throw new UsageError('the grant was never approved')
      await append<GrantNote>(log, { kind: 'review', id, by })
    })
    await writeLine(io.stdout, 'reviewed')
    return 0
  },
}
