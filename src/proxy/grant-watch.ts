/** Follows the log of grants, and puts on record what is said there: commands cannot write to the journal beside the gateway. */
import { grantActivity } from '../audit/grant-activity.ts'
import type { Clock } from '../core/clock.ts'
import type { GrantFacts } from '../core/audit-facts.ts'
import { createGrants } from '../identity/grants/grants.ts'
import type { Grants } from '../identity/grants/grants.ts'
import type { GrantEntry } from '../identity/grants/grant-entry.ts'
import type { SharedLog } from '../identity/shared-log/shared-log.ts'
import type { LateRecords } from './late-records.ts'
import type { Logger } from './logger.ts'

export interface GrantWatchOptions {
  readonly grantLog: SharedLog
  readonly late: LateRecords
  readonly clock: Clock
  readonly log: Logger
}

/** The log holds months; what is older than this was recorded by whoever ran then. */
const RECORDED_MS = 86_400_000

const ACTIVITIES = {
  request: 'requested',
  approval: 'approved',
  revocation: 'revoked',
  review: 'reviewed',
} as const satisfies Record<GrantEntry['kind'], GrantFacts['activity']>

/** Nothing is read before it is started. */
export function watchGrants({ grantLog, late, clock, log }: GrantWatchOptions): Grants {
  return createGrants({
    log: grantLog,
    clock,
    onProblem: (error) => log.failure('grants not known', error),
    onEntry: (entry) => {
      if (entry.atMs > clock.nowMs() - RECORDED_MS) late.add([grantActivity(factsOf(entry))])
    },
  })
}

function factsOf(entry: GrantEntry): GrantFacts {
  const request = entry.kind === 'request' ? entry : undefined
  return {
    id: entry.entry,
    timeMs: entry.atMs,
    grant: entry.id,
    activity: ACTIVITIES[entry.kind],
    by: 'by' in entry ? entry.by : undefined,
    subject: request && { id: request.subject, issuer: request.issuer },
    classes: request?.classes ?? [],
  }
}
