/** `celosia grant approve`: the consent of a second person, signed with a key that the policy knows. */
import { isoTime, systemClock } from '../../core/clock.ts'
import { approvalOf } from '../../identity/grants/grants.ts'
import { signApproval } from '../../identity/grants/approval.ts'
import type { GrantTerms } from '../../identity/grants/approval.ts'
import type { GrantApproval, GrantRequest } from '../../identity/grants/grant-entry.ts'
import type { Approver, BreakGlassRules } from '../../rules/reveal/break-glass.ts'
import { requiredOption, UsageError, writeLine } from '../command.ts'
import type { Command } from '../command.ts'
import { readKeyFile } from '../key-file.ts'
import { append, GRANT_OPTIONS, loadGrantPolicy, namedGrant, withGrantLog } from './options.ts'

/** A request that waited longer is asked for anew: what it was about has passed. */
const REQUEST_MS_MAX = 86_400_000

export const grantApprove: Command = {
  name: 'grant approve',
  summary: 'Approve a grant that was asked for; it is in force from now on.',
  operands: 'ID',
  options: {
    approver: { type: 'string', value: 'NAME', help: 'you, as the policy names you' },
    key: { type: 'string', value: 'FILE', help: 'your private key: Ed25519, in PEM' },
    ...GRANT_OPTIONS,
  },
  notes: 'openssl genpkey -algorithm ed25519 -out dana.pem makes a key.',
  run: async (values, operands, io) => {
    const { compiled, breakGlass } = loadGrantPolicy(values, io)
    const approver = approverOf(requiredOption(values, 'approver'), breakGlass)
    const pem = readKeyFile(requiredOption(values, 'key'))
    const terms = await withGrantLog(values, io, async (log) => {
      const grant = await namedGrant(operands, log)
      if (grant.revokedMs !== undefined) throw new UsageError('the grant was revoked')
      if ((await approvalOf(grant, breakGlass, compiled.tenant)) !== undefined)
        throw new UsageError('the grant is approved already')
      const approved = termsOf(grant.request, approver, compiled.tenant)
      const token = await signApproval(approved, approver, pem)
      await append<GrantApproval>(log, { kind: 'approval', id: grant.id, token })
      return approved
    })
    await writeLine(io.stdout, words(terms))
    return 0
  },
}

function approverOf(name: string, { approvers }: BreakGlassRules): Approver {
  const approver = approvers.get(name)
  if (approver !== undefined) return approver
  throw new UsageError(`--approver is one of ${[...approvers.keys()].join(', ')}`)
}

function termsOf(request: GrantRequest, approver: Approver, tenant: string): GrantTerms {
  const { id, by, issuer, subject, classes, code, ticket, forMs, atMs } = request
  if (approver.subject === subject || approver.name === by)
    throw new UsageError('nobody approves for themselves, or what they asked for')
  const nowMs = systemClock.nowMs()
  if (nowMs - atMs > REQUEST_MS_MAX) throw new UsageError('the request is older than a day')
  const fromS = Math.floor(nowMs / 1_000)
  const untilS = fromS + Math.floor(forMs / 1_000)
  return { id, tenant, issuer, subject, classes, code, ticket, fromS, untilS }
}

function words({ subject, classes, untilS }: GrantTerms): string {
  return `approved: ${subject} may see ${classes.join(', ')} until ${isoTime(untilS * 1_000)}`
}
