/**
 * Revocations as the pipeline uses them: whether a token was revoked is known without waiting, or it is known that nobody
 * knows. What one instance or command adds holds on every instance within two seconds.
 */
import type { Clock } from '../../core/clock.ts'
import { LogFollower } from '../shared-log/log-follower.ts'
import { SharedLogUnavailableError } from '../shared-log/shared-log.ts'
import type { SharedLog } from '../shared-log/shared-log.ts'
import { revocationLine, revocationOfLine } from './revocation.ts'
import type { Revocation } from './revocation.ts'
import { RevocationIndex } from './revocation-index.ts'
import type { RevocableToken } from './revocation-index.ts'

export interface Revocations {
  /** Throws {@link SharedLogUnavailableError} where it is not known now. */
  readonly isRevoked: (token: RevocableToken) => boolean
  /** Resolves once they are durable, and hold here. Throws {@link SharedLogUnavailableError}. */
  readonly add: (revocations: readonly Revocation[]) => Promise<void>
  /** What is wrong, or undefined. */
  readonly problem: () => string | undefined
  /** Follows the log from now on; resolves once it was looked at for the first time. */
  readonly start: () => Promise<void>
  readonly stop: () => void
}

export interface RevocationsOptions {
  readonly log: SharedLog
  readonly clock: Clock
  readonly onProblem: (error: unknown) => void
  /** Told of each revocation when it begins to hold here; of those from before the start too. */
  readonly onRevocation: (revocation: Revocation) => void
}

export function createRevocations(options: RevocationsOptions): Revocations {
  const { log, clock, onProblem, onRevocation } = options
  const index = new RevocationIndex()
  const follower = new LogFollower({
    log,
    clock,
    onProblem,
    apply: (line) => {
      const revocation = revocationOfLine(line)
      const added = index.add(revocation, clock.nowMs())
      if (added === 'full')
        throw new SharedLogUnavailableError('there are more revocations than are kept')
      if (added === 'new') onRevocation(revocation)
    },
  })
  return {
    isRevoked: (token) => {
      const { problem } = follower
      if (problem !== undefined) throw new SharedLogUnavailableError(problem)
      return index.isRevoked(token)
    },
    add: async (revocations) => {
      for (const revocation of revocations) await log.append(revocationLine(revocation))
      await follower.look()
      if (follower.problem !== undefined) throw new SharedLogUnavailableError(follower.problem)
    },
    problem: () => follower.problem,
    start: () => follower.start(),
    stop: () => follower.stop(),
  }
}
