/** Whose windows an exchange counts in. */
import { createHash } from 'node:crypto'
import { callerNetwork } from '../../core/ip-networks.ts'
import type { Subject } from '../../identity/subject.ts'
import type { DetectionRule } from '../../rules/detect/detection-rule.ts'
import type { Exchange } from '../exchange.ts'
import type { Owner } from './counted.ts'

/** Those that the request tells; none of rules per data subject, whom only ids tell. */
export function ownersOf(
  { per }: DetectionRule,
  { subject, roles, claimedAddress, address }: Exchange,
): readonly Owner[] {
  if (subject === undefined) return []
  const { issuer, id, session } = subject
  switch (per) {
    case 'subject':
      return [{ kind: per, key: [issuer, id], label: undefined }]
    case 'session':
      // Without a session of its own a token counts with all others like it.
      return [{ kind: per, key: [issuer, id, session ?? ''], label: undefined }]
    case 'role':
      return roles.map((role) => ({ kind: per, key: [role], label: role }))
    case 'address': {
      const network = callerNetwork(claimedAddress ?? address)
      return [{ kind: per, key: [network], label: network }]
    }
    default:
      return []
  }
}

/** The data subject of this pseudonym. */
export function dataSubjectOwner(pseudonym: string): Owner {
  return { kind: 'dataSubject', key: [pseudonym], label: pseudonym }
}

/** What stands for an agent among those who are counted: a digest, so that no name is in the counters. */
export function agentMember({ issuer, id }: Subject): string {
  return createHash('sha256')
    .update(JSON.stringify([issuer, id]))
    .digest('base64url')
}
