/**
 * Purges: what is to go is put on record, signed and durable, and only then does it go. What is cut short in between is
 * still there, and goes with the next.
 */
import type { AuditRecord } from '../../core/audit-record.ts'
import type { Clock } from '../../core/clock.ts'
import type { IdSource } from '../../core/ids.ts'
import type { JwsSigner } from '../../core/signing.ts'
import { AuditUnavailableError } from '../errors.ts'
import { areInForce, inForce, type Hold } from './hold.ts'
import { RUNS_MAX, signPurge, type PurgeClaim } from './purge-claim.ts'
import { purgeActivity } from './retention-activity.ts'
import { cutoffsOf } from './retention-target.ts'
import type {
  Cutoffs,
  PlanRequest,
  PurgePlan,
  RetentionPeriods,
  RetentionTarget,
} from './retention-target.ts'

export interface PurgerOptions {
  readonly target: RetentionTarget
  readonly clock: Clock
  readonly ids: IdSource
}

/** Where the records of purges go. */
export interface PurgeAudit {
  /** Resolves once they are durable. */
  readonly append: (records: readonly AuditRecord[]) => Promise<void>
  /** Bytes that wait elsewhere: as long as there are any, nothing is purged. */
  readonly spooledBytes: () => number
}

export interface PurgeOrder {
  readonly periods: RetentionPeriods
  readonly signer: JwsSigner
  readonly audit: PurgeAudit
  /** Once aborted, no other step is begun. */
  readonly signal?: AbortSignal | undefined
}

export interface PurgeResult {
  readonly records: number
  readonly waits: readonly string[]
}

/** Steps of one run; what is left is for the next. */
const STEPS_MAX = 500

/** What would go now, whole. Changes nothing. Rejects with AuditUnavailableError. */
export async function previewPurge(
  { target }: Pick<PurgerOptions, 'target'>,
  periods: RetentionPeriods,
): Promise<PurgePlan & { readonly cutoffs: Cutoffs }> {
  const nowMs = await target.nowMs()
  const holds = inForce(await target.holds.list())
  const cutoffs = cutoffsOf(periods, nowMs)
  return { ...(await target.plan({ cutoffs, nowMs, holds, step: false })), cutoffs }
}

/** Purges step by step until nothing is left to go. Rejects with AuditUnavailableError. */
export async function purge(options: PurgerOptions, order: PurgeOrder): Promise<PurgeResult> {
  const { target } = options
  let records = 0
  let waits: readonly string[] = []
  let after: PlanRequest['after']
  let heldBefore = ''
  for (let step = 0; step < STEPS_MAX && order.signal?.aborted !== true; step += 1) {
    const nowMs = await target.nowMs()
    const holds = inForce(await target.holds.list())
    const held = JSON.stringify(holds)
    // What was kept for a hold that is no longer there may go.
    if (held !== heldBefore) after = undefined
    heldBefore = held
    const cutoffs = cutoffsOf(order.periods, nowMs)
    const plan = await target.plan({ cutoffs, nowMs, holds, after, step: true })
    waits = plan.waits
    if (plan.records === 0) break
    await putOnRecord(plan, { options, order, cutoffs, holds })
    if (!(await areInForce(target.holds, holds))) continue
    await plan.remove()
    records += plan.records
    after = plan.through
    if (!plan.more) break
  }
  return { records, waits }
}

interface Step {
  readonly options: PurgerOptions
  readonly order: PurgeOrder
  readonly cutoffs: Cutoffs
  readonly holds: readonly Hold[]
}

async function putOnRecord(
  { runs }: PurgePlan,
  { options: { clock, ids }, order, cutoffs, holds }: Step,
): Promise<void> {
  const { signer, audit } = order
  refuseWhileSpooled(audit)
  for (let at = 0; at < runs.length; at += RUNS_MAX) {
    const claim: PurgeClaim = { timeMs: clock.nowMs(), runs: runs.slice(at, at + RUNS_MAX) }
    const records = claim.runs.reduce((sum, { from, to }) => sum + to - from + 1, 0)
    const jws = await signPurge(signer, claim)
    const names = holds.map(({ name }) => name)
    await audit.append([
      purgeActivity({ id: ids(), claim, records, before: cutoffs, holds: names, jws }),
    ])
  }
  refuseWhileSpooled(audit)
}

// What says that records are gone must be where they were, before they go.
function refuseWhileSpooled({ spooledBytes }: PurgeAudit): void {
  if (spooledBytes() > 0)
    throw new AuditUnavailableError('Records wait in the spool; nothing is purged meanwhile')
}
