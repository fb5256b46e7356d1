/**
 * Refusals of callers that were not authenticated, counted and written as one record a minute: a flood from outside
 * must not fill the audit.
 */
import type { AuditWriter } from '../audit/audit-store.ts'
import { refusalsActivity } from '../audit/refusals-activity.ts'
import type { Clock } from '../core/clock.ts'
import type { IdSource } from '../core/ids.ts'
import type { Reason } from '../core/reasons.ts'
import type { Logger } from './logger.ts'

const INTERVAL_MS = 60_000

export interface RefusalCounts {
  readonly add: (reason: Reason) => void
  /** Writes what is counted now. Counts that cannot be written are kept for the next time. */
  readonly flush: () => Promise<void>
  readonly start: () => void
  readonly stop: () => Promise<void>
}

export interface RefusalCountsOptions {
  readonly audit: AuditWriter
  readonly clock: Clock
  readonly ids: IdSource
  readonly log: Logger
  /** SHA-256 of the policy in force. */
  readonly policy: () => string
}

export function createRefusalCounts(options: RefusalCountsOptions): RefusalCounts {
  const { audit, clock, ids, log, policy } = options
  let counts = new Map<Reason, number>()
  let fromMs = clock.nowMs()
  let timer: NodeJS.Timeout | undefined

  const flush = async () => {
    const toMs = clock.nowMs()
    const taken = counts
    const since = fromMs
    counts = new Map()
    fromMs = toMs
    if (taken.size === 0) return
    const list = [...taken].map(([reason, count]) => ({ reason, count }))
    try {
      await audit.append([
        refusalsActivity({
          id: ids(),
          timeMs: toMs,
          fromMs: since,
          toMs,
          policy: policy(),
          counts: list,
        }),
      ])
    } catch (error) {
      for (const [reason, count] of taken) counts.set(reason, (counts.get(reason) ?? 0) + count)
      fromMs = since
      log.failure('refusals not recorded', error)
    }
  }
  return {
    add: (reason) => void counts.set(reason, (counts.get(reason) ?? 0) + 1),
    flush,
    start: () => {
      timer = setInterval(() => void flush(), INTERVAL_MS)
      timer.unref()
    },
    stop: async () => {
      clearInterval(timer)
      await flush()
    },
  }
}
