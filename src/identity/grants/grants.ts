/** Grants as the pipeline uses them: whether one is good for a request, or that nobody knows. */
import type { Clock } from '../../core/clock.ts'
import type { BreakGlassRules } from '../../rules/reveal/break-glass.ts'
import { LogFollower } from '../shared-log/log-follower.ts'
import { SharedLogUnavailableError } from '../shared-log/shared-log.ts'
import type { SharedLog } from '../shared-log/shared-log.ts'
import { readApproval } from './approval.ts'
import type { Approval } from './approval.ts'
import { GrantBook } from './grant-book.ts'
import type { Grant } from './grant-book.ts'
import { grantEntryOf } from './grant-entry.ts'
import type { GrantEntry } from './grant-entry.ts'

export interface Grants {
  /**
   * The approval of a grant that is in force now under these rules; undefined where there is none. Throws
   * {@link SharedLogUnavailableError} where that is not known.
   */
  readonly inForce: (
    id: string,
    rules: BreakGlassRules,
    tenant: string,
  ) => Promise<Approval | undefined>
  /** Whether an approval that was in force still is. Throws as {@link Grants.inForce} does. */
  readonly lasts: (approval: Approval) => boolean
  /** What is wrong, or undefined. */
  readonly problem: () => string | undefined
  /** Follows the log from now on; resolves once it was looked at for the first time. */
  readonly start: () => Promise<void>
  readonly stop: () => void
}

export interface GrantsOptions {
  readonly log: SharedLog
  readonly clock: Clock
  readonly onProblem: (error: unknown) => void
  /** Told of each entry, of those from before the start too. */
  readonly onEntry: (entry: GrantEntry) => void
}

export function createGrants({ log, clock, onProblem, onEntry }: GrantsOptions): Grants {
  const book = new GrantBook()
  const follower = new LogFollower({
    log,
    clock,
    onProblem,
    apply: (line) => {
      const entry = grantEntryOf(line)
      if (!book.add(entry))
        throw new SharedLogUnavailableError('there are more grants than are kept')
      onEntry(entry)
    },
  })
  const requireKnown = (): void => {
    const { problem } = follower
    if (problem !== undefined) throw new SharedLogUnavailableError(problem)
  }
  const lasts = ({ terms }: Approval): boolean => {
    requireKnown()
    const nowS = clock.nowMs() / 1_000
    const revoked = book.get(terms.id)?.revokedMs !== undefined
    return !revoked && nowS >= terms.fromS && nowS < terms.untilS
  }
  return {
    inForce: async (id, rules, tenant) => {
      requireKnown()
      const grant = book.get(id)
      const approval = grant && (await approvalOf(grant, rules, tenant))
      // It may have been ended while the signature was verified.
      return approval !== undefined && lasts(approval) ? approval : undefined
    },
    lasts,
    problem: () => follower.problem,
    start: () => follower.start(),
    stop: () => follower.stop(),
  }
}

/** The first approval of a grant that is good under these rules, whatever the time. */
export async function approvalOf(
  grant: Grant,
  { approvers }: BreakGlassRules,
  tenant: string,
): Promise<Approval | undefined> {
  for (const token of grant.approvals) {
    const approval = await readApproval(token, approvers)
    if (approval === undefined) continue
    const { terms, approver } = approval
    const own = approver.subject !== undefined && approver.subject === terms.subject
    if (terms.id === grant.id && terms.tenant === tenant && !own) return approval
  }
  return undefined
}
