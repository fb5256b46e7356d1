/** Follows the log of unblocks: empties the windows that somebody named, in this process too, and puts it on record. */
import { unblockFinding } from '../../audit/unblock-finding.ts'
import type { Clock } from '../../core/clock.ts'
import type { LookupCounter } from '../../detection/lookup-counter.ts'
import { LogFollower } from '../../identity/shared-log/log-follower.ts'
import type { SharedLog } from '../../identity/shared-log/shared-log.ts'
import type { CompiledPolicy } from '../../rules/compiled-policy.ts'
import type { LateRecords } from '../late-records.ts'
import type { Logger } from '../logger.ts'
import { unblockedKeys, unblockedRules, unblockOfLine } from './unblock-entry.ts'
import type { UnblockEntry } from './unblock-entry.ts'

export interface UnblockWatchOptions {
  readonly unblockLog: SharedLog
  readonly counter: LookupCounter
  readonly late: LateRecords
  readonly clock: Clock
  readonly log: Logger
  readonly inForce: () => CompiledPolicy | undefined
}

export interface UnblockWatch {
  readonly start: () => Promise<void>
  readonly stop: () => void
}

/**
 * Nothing is read before it is started. What was done before that is not done again, and only put on record: nobody may have been there
 * to do so.
 */
export function watchUnblocks(options: UnblockWatchOptions): UnblockWatch {
  const { unblockLog, clock, log } = options
  const sinceMs = clock.nowMs()
  const follower = new LogFollower({
    log: unblockLog,
    clock,
    onProblem: (error) => log.failure('unblocks not known', error),
    apply: (line) => {
      const entry = unblockOfLine(line)
      if (entry.atMs >= sinceMs) empty(entry, options)
      record(entry, options)
    },
  })
  return { start: () => follower.start(), stop: () => follower.stop() }
}

function empty(entry: UnblockEntry, { counter, log, inForce }: UnblockWatchOptions): void {
  // In Redis the command empties them, and says so where it cannot; this is for what this process counts itself.
  void counter
    .forget(unblockedKeys(entry, inForce()?.lookups ?? []))
    .catch((error: unknown) => log.failure('windows not emptied', error))
}

function record(entry: UnblockEntry, { late, inForce }: UnblockWatchOptions): void {
  const policy = inForce()
  late.add([
    unblockFinding({
      id: entry.entry,
      timeMs: entry.atMs,
      by: entry.by,
      policy: policy?.sha256 ?? '',
      per: entry.kind,
      owner: entry.label,
      rules: unblockedRules(entry, policy?.lookups ?? []).map(({ name }) => name),
    }),
  ])
}
