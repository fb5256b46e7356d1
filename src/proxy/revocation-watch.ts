/** Follows the log of revocations under every policy, so that one that asks for them finds them known. */
import { revocationActivity } from '../audit/revocation-activity.ts'
import type { Clock } from '../core/clock.ts'
import { createRevocations } from '../identity/revocation/revocations.ts'
import type { Revocations } from '../identity/revocation/revocations.ts'
import type { SharedLog } from '../identity/shared-log/shared-log.ts'
import type { LateRecords } from './late-records.ts'
import type { Logger } from './logger.ts'

export interface RevocationWatchOptions {
  readonly revocationLog: SharedLog
  /** Takes the records of what commands revoked: a command cannot write to the journal beside the gateway. */
  readonly late: LateRecords
  readonly clock: Clock
  readonly log: Logger
}

/** Nothing is read before it is started. */
export function watchRevocations(options: RevocationWatchOptions): Revocations {
  const { revocationLog, late, clock, log } = options
  return createRevocations({
    log: revocationLog,
    clock,
    onProblem: (error) => log.failure('revocations not known', error),
    onRevocation: (revocation) => {
      // Those from outside are recorded by whoever took them.
      if (revocation.source !== 'command') return
      late.add([revocationActivity({ ...revocation, timeMs: revocation.atMs })])
    },
  })
}
