/**
 * Makes checkpoints of one chain: the first as soon as there is a record, then after so many records or so much time, also where
 * nothing is recorded, so that silence means something; and a last one at the end. Each is signed, appended to the chain, and
 * taken to the anchors.
 */
import type { AuditRecord } from '../../core/audit-record.ts'
import type { Clock } from '../../core/clock.ts'
import type { IdSource } from '../../core/ids.ts'
import type { JwsSigner } from '../../core/signing.ts'
import type { AuditNotes } from '../audit-notes.ts'
import { AuditUnavailableError } from '../errors.ts'
import type { Anchor } from './anchor.ts'
import { CHECKPOINT_TYPE, checkpointActivity, checkpointClaims } from './checkpoint.ts'
import type { CheckpointClaim } from './checkpoint.ts'
import type { ChainHead } from './envelope.ts'

/** How often, and who vouches for it. */
export interface CheckpointSettings {
  /** Undefined: checkpoints are not signed, and there are no anchors. */
  readonly signer: JwsSigner | undefined
  readonly anchors: readonly Anchor[]
  /** After so many records at the latest... */
  readonly everyRecords: number
  /** ...and so long after the first of them. */
  readonly withinMs: number
  /** Where nothing is recorded: so long after the last one. Left out: five minutes, or `withinMs` where that is longer. */
  readonly idleMs?: number
}

export const CHECKPOINTS_DEFAULT: CheckpointSettings = {
  signer: undefined,
  anchors: [],
  everyRecords: 1_000,
  withinMs: 60_000,
}

/** Where a chain stands, and what of it has no outcome yet. */
export interface ChainState {
  readonly head: ChainHead
  readonly openFrom: number
}

export interface CheckpointsOptions {
  readonly clock: Clock
  readonly ids: IdSource
  readonly notes: AuditNotes
  /** Appends a record to the chain. */
  readonly append: (record: AuditRecord) => Promise<void>
}

/** A chain that says nothing for longer than this is one that cannot. */
const IDLE_MS = 300_000
/** What failed is tried again after so long; an anchor then gets the newest checkpoint. */
const RETRY_MS = 5_000

export class Checkpoints {
  readonly #options: CheckpointsOptions
  #settings = CHECKPOINTS_DEFAULT
  #state: ChainState | undefined
  /** The writer of the last checkpoint: a new one is registered at once. */
  #writer: string | undefined
  #records = 0
  #failed = false
  #timer: NodeJS.Timeout | undefined
  #idle: NodeJS.Timeout | undefined
  #retry: NodeJS.Timeout | undefined
  #underWay: Promise<void> | undefined
  #jws: string | undefined
  #unanchored = new Set<Anchor>()
  #lastMs: number | undefined
  #anchoredMs: number | undefined

  constructor(options: CheckpointsOptions) {
    this.#options = options
  }

  /** When the last checkpoint was made, and when all anchors last had the newest. Wall clock. */
  get times(): { readonly lastMs: number | undefined; readonly anchoredMs: number | undefined } {
    return { lastMs: this.#lastMs, anchoredMs: this.#anchoredMs }
  }

  /** Takes other settings; the next checkpoint is made by them, and soon: a new key or anchor has none yet. */
  configure(settings: CheckpointSettings): void {
    this.#settings = settings
    this.#unanchored.clear()
    this.#writer = undefined
    this.#makeIfDue()
  }

  /** Says that the chain has grown by so many records, checkpoints not counted. */
  grown(state: ChainState, records: number): void {
    this.#state = state
    this.#records += records
    this.#makeIfDue()
  }

  /** The last checkpoint, after the chain's last record. Never rejects. */
  async end(state: ChainState): Promise<void> {
    clearTimeout(this.#timer)
    await this.#underWay
    clearTimeout(this.#idle)
    this.#state = state
    await this.#make(true)
    clearTimeout(this.#retry)
  }

  #makeIfDue(): void {
    if (this.#underWay !== undefined || this.#state === undefined) return
    const { everyRecords, withinMs } = this.#settings
    const fresh = this.#state.head.writer !== this.#writer
    const due = fresh || this.#records >= everyRecords
    if (due && !this.#failed) this.#start()
    else if (due || this.#records > 0)
      this.#timer ??= setTimeout(this.#start, due ? RETRY_MS : withinMs).unref()
  }

  #start = (): void => {
    clearTimeout(this.#timer)
    clearTimeout(this.#idle)
    this.#timer = undefined
    if (this.#underWay !== undefined) return
    this.#underWay = this.#make(false).finally(() => {
      this.#underWay = undefined
      const { idleMs, withinMs } = this.#settings
      this.#idle = setTimeout(this.#start, idleMs ?? Math.max(IDLE_MS, withinMs)).unref()
      this.#makeIfDue()
    })
  }

  async #make(ended: boolean): Promise<void> {
    const { clock, ids, notes, append } = this.#options
    const { signer } = this.#settings
    if (this.#state === undefined) return
    const { head, openFrom } = this.#state
    const claim: CheckpointClaim = { ...head, timeMs: clock.nowMs(), ended, openFrom }
    const records = this.#records
    this.#records = 0
    try {
      const jws = await signer?.sign(checkpointClaims(claim), CHECKPOINT_TYPE)
      await append(checkpointActivity({ id: ids(), claim, jws }))
      this.#failed = false
      this.#writer = head.writer
      this.#lastMs = claim.timeMs
      if (jws !== undefined) await this.#anchor(jws)
    } catch (error) {
      if (!(error instanceof AuditUnavailableError)) throw error
      // The next one covers these records too.
      this.#records += records
      this.#failed = true
      notes(`A checkpoint of the audit was not written: ${error.message}`)
    }
  }

  async #anchor(jws: string): Promise<void> {
    this.#jws = jws
    for (const anchor of this.#settings.anchors) this.#unanchored.add(anchor)
    await this.#writeAnchors()
  }

  async #writeAnchors(): Promise<void> {
    const { clock, notes } = this.#options
    const jws = this.#jws
    if (jws === undefined) return
    const writing = [...this.#unanchored].map(async (anchor) => {
      try {
        await anchor.write(jws)
        if (this.#jws === jws) this.#unanchored.delete(anchor)
      } catch (error) {
        if (!(error instanceof AuditUnavailableError)) throw error
        notes(`A checkpoint of the audit was not anchored: ${error.message}`)
      }
    })
    await Promise.all(writing)
    clearTimeout(this.#retry)
    if (this.#unanchored.size === 0) this.#anchoredMs = clock.nowMs()
    else this.#retry = setTimeout(() => void this.#writeAnchors(), RETRY_MS).unref()
  }
}
