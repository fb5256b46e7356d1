/**
 * Keeps the audit as long as the policy says, and no longer: purges each hour, and puts on record who placed and released
 * holds, since commands cannot write to the journal beside the gateway.
 */
import { holdActivity } from '../audit/retention/retention-activity.ts'
import type { Hold, HoldStep } from '../audit/retention/hold.ts'
import { purge, type PurgeAudit, type PurgeOrder } from '../audit/retention/purger.ts'
import type { RetentionTarget } from '../audit/retention/retention-target.ts'
import type { AuditWriter } from '../audit/audit-store.ts'
import type { Clock } from '../core/clock.ts'
import type { IdSource } from '../core/ids.ts'
import type { LateRecords } from './late-records.ts'
import type { Logger } from './logger.ts'

export interface RetentionWatchOptions {
  readonly target: RetentionTarget
  /** Bytes of records that wait in the spool. */
  readonly spooledBytes: PurgeAudit['spooledBytes']
  /** What the policy in force asks for; undefined: everything is kept. */
  readonly order: () => Pick<PurgeOrder, 'periods' | 'signer'> | undefined
  readonly clock: Clock
  readonly ids: IdSource
  readonly log: Logger
  /** How often it does what; left out: as it should be. */
  readonly pace?: RetentionPace
}

export interface RetentionPace {
  /** Between two looks at holds, and at whether a purge is due. */
  readonly lookMs: number
  /** Somebody who has just changed the policy has so long to think again. */
  readonly firstPurgeMs: number
  readonly purgeEveryMs: number
}

/** Where records go. */
export interface RetentionRecords {
  readonly audit: AuditWriter
  readonly late: LateRecords
}

export interface RetentionWatch {
  /** Gives what stops it, after the step that is under way. */
  readonly start: (records: RetentionRecords) => () => Promise<void>
  /** When all that may go had gone for the last time. Wall clock. */
  readonly lastMs: () => number | undefined
}

const PACE: RetentionPace = { lookMs: 60_000, firstPurgeMs: 600_000, purgeEveryMs: 3_600_000 }
/** What is older was recorded by whoever ran then. */
const RECORDED_MS = 86_400_000
/** Released holds are told of for so long. */
const FORGET_MS = 30 * 86_400_000

/** Does nothing before it is started. */
export function createRetentionWatch(options: RetentionWatchOptions): RetentionWatch {
  return new Watch(options)
}

class Watch implements RetentionWatch {
  readonly #options: RetentionWatchOptions
  readonly #pace: RetentionPace
  readonly #recorded = new Set<string>()
  readonly #stopping = new AbortController()
  #timer: NodeJS.Timeout | undefined
  #underWay: Promise<void> = Promise.resolve()
  #dueMs = 0
  #lastMs: number | undefined
  #told = ''

  constructor(options: RetentionWatchOptions) {
    this.#options = options
    this.#pace = options.pace ?? PACE
  }

  start: RetentionWatch['start'] = (records) => {
    this.#dueMs = this.#options.clock.monotonicMs() + this.#pace.firstPurgeMs
    this.#plan(records)
    return this.#stop
  }

  lastMs: RetentionWatch['lastMs'] = () => this.#lastMs

  #stop = async (): Promise<void> => {
    clearTimeout(this.#timer)
    this.#stopping.abort()
    await this.#underWay
  }

  #plan(records: RetentionRecords): void {
    if (this.#stopping.signal.aborted) return
    this.#timer = setTimeout(() => {
      this.#underWay = this.#look(records).then(() => this.#plan(records))
    }, this.#pace.lookMs)
    this.#timer.unref()
  }

  async #look(records: RetentionRecords): Promise<void> {
    try {
      await this.#recordHolds(records)
      await this.#purgeIfDue(records)
    } catch (error) {
      this.#tell('the audit was not purged', error)
    }
  }

  async #recordHolds({ late }: RetentionRecords): Promise<void> {
    const { target, clock } = this.#options
    for (const hold of await target.holds.list()) {
      const { placed, released, name } = hold
      this.#recordStep(hold, 'held', placed, late)
      if (released === undefined) continue
      this.#recordStep(hold, 'released', released, late)
      if (released.atMs < clock.nowMs() - FORGET_MS) await target.holds.forget(name)
    }
  }

  #recordStep(hold: Hold, activity: 'held' | 'released', step: HoldStep, late: LateRecords): void {
    const { record, atMs } = step
    if (this.#recorded.has(record) || atMs < this.#options.clock.nowMs() - RECORDED_MS) return
    this.#recorded.add(record)
    late.add([holdActivity(hold, activity, step)])
  }

  async #purgeIfDue({ audit }: RetentionRecords): Promise<void> {
    const { target, clock, ids, log, order, spooledBytes } = this.#options
    const wanted = order()
    if (wanted === undefined || clock.monotonicMs() < this.#dueMs) return
    if (await target.claim()) {
      const purging = { append: audit.append, spooledBytes }
      const { signal } = this.#stopping
      const result = await purge({ target, clock, ids }, { ...wanted, audit: purging, signal })
      if (result.records > 0) log.info('audit purged', { records: result.records })
      for (const problem of result.waits) this.#tell('the audit was not purged whole', problem)
      if (result.waits.length === 0) this.#told = ''
    }
    this.#lastMs = clock.nowMs()
    this.#dueMs = clock.monotonicMs() + this.#pace.purgeEveryMs
  }

  // Once for each change: a sink that is behind would fill the log.
  #tell(what: string, problem: unknown): void {
    const text = problem instanceof Error ? problem.message : String(problem)
    if (text === this.#told) return
    this.#told = text
    if (problem instanceof Error) this.#options.log.failure(what, problem)
    else this.#options.log.warn(what, { problem: text })
  }
}
