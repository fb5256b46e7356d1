/**
 * Records of outcomes that the store did not take in time. The caller has his refusal; the record is kept and written as
 * soon as the store takes it, so that what an intent or an opening began does not stay open.
 */
import type { AuditWriter } from '../audit/audit-store.ts'
import type { AuditRecord } from '../core/audit-record.ts'
import type { Logger } from './logger.ts'

/** Records that wait; beyond it the newest are dropped, and the log says so. */
export const LATE_RECORDS_MAX = 10_000
const RETRY_MS = 1_000
/** Written together: few enough that one append is quick. */
const TOGETHER_MAX = 100

export interface LateRecords {
  readonly add: (records: readonly AuditRecord[]) => void
  readonly waiting: () => number
  /** Tries once more, and ends. What is left then is lost to this process; what was open is closed by reconciling. */
  readonly stop: () => Promise<void>
}

export interface LateRecordsOptions {
  readonly audit: AuditWriter
  readonly log: Logger
}

export function createLateRecords({ audit, log }: LateRecordsOptions): LateRecords {
  let waiting: AuditRecord[] = []
  let timer: NodeJS.Timeout | undefined
  let stopped = false

  const plan = (): void => {
    if (stopped || timer !== undefined || waiting.length === 0) return
    timer = setTimeout(() => void attempt(), RETRY_MS)
    timer.unref()
  }
  const attempt = async (): Promise<void> => {
    try {
      while (waiting.length > 0) {
        const some = waiting.slice(0, TOGETHER_MAX)
        await audit.append(some)
        waiting = waiting.slice(some.length)
      }
    } catch (error) {
      log.failure('late records not written yet', error)
    }
    timer = undefined
    plan()
  }
  return {
    add: (records) => {
      const room = LATE_RECORDS_MAX - waiting.length
      if (records.length > room) log.warn('late records dropped: too many wait')
      waiting.push(...records.slice(0, room))
      plan()
    },
    waiting: () => waiting.length,
    stop: async () => {
      stopped = true
      clearTimeout(timer)
      await attempt()
    },
  }
}
