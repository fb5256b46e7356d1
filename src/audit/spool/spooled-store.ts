/**
 * Redis with a spool: where Redis does not take a batch in time, the journal of this machine does, and an answer leaves once
 * it is on the disk. What waits there is replayed in order as soon as Redis is back; Redis stores nothing twice, so that a
 * crash amid a replay costs nothing. Chains go on across both: they know nothing of stores.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { withinTime } from '../../core/within-time.ts'
import type { AuditNotes } from '../audit-notes.ts'
import type { PlacedRecord } from '../chain/envelope.ts'
import { AuditUnavailableError, ChainBrokenError } from '../errors.ts'
import type { RecordStore, StoreSettings } from '../record-store.ts'
import type { SegmentName } from '../segment-name.ts'
import type { Spool } from './spool.ts'

/** Redis, as the spool needs it. */
export interface ReplayTarget extends RecordStore {
  /** As {@link append}; gives how many of the batch it had not had before. */
  readonly replay: (batch: readonly PlacedRecord[]) => Promise<number>
  /** Appends what follows on nothing that is there: records that were lost before it are named by the verifier. */
  readonly restore: (batch: readonly PlacedRecord[]) => Promise<number>
}

export interface SpooledStoreOptions {
  readonly primary: ReplayTarget
  /** Opens the spool: when it is first needed, or where an earlier process left one behind. */
  readonly openSpool: () => Promise<Spool>
  /** Whether an earlier process left records behind. */
  readonly leftBehind: () => Promise<boolean>
  readonly notes: AuditNotes
  /** How long Redis may take for a batch before the spool takes it. */
  readonly patienceMs?: number
  /** How often it is looked whether Redis is back. */
  readonly retryMs?: number
}

/** What is left of two seconds is for the spool. */
const PATIENCE_MS = 700
const RETRY_MS = 500
/** Replayed in one step. */
const BATCH_RECORDS = 500
/** With so little left, appends wait for the end of the replay. */
const REST_BYTES = 256 * 1024

export class SpooledStore implements RecordStore {
  readonly #options: SpooledStoreOptions
  #settings: StoreSettings = { spool: false, spoolBytesMax: 0, replicas: 0 }
  #spool: Spool | undefined
  #opening: Promise<Spool> | undefined
  #started = false
  /** Why Redis is not written to; undefined: it is. */
  #away: string | undefined
  #turn: Promise<void> = Promise.resolve()
  readonly #closing = new AbortController()
  #replaying: Promise<void> | undefined

  constructor(options: SpooledStoreOptions) {
    this.#options = options
  }

  /**
   * Takes settings and gets the spool ready. Rejects with AuditUnavailableError where records are to be spooled and
   * cannot be: that is found out before Redis is away.
   */
  async start(settings: StoreSettings): Promise<void> {
    this.configure(settings)
    this.#started = true
    if (settings.spool) await this.#open()
    else if (await this.#options.leftBehind()) await this.#openIfFree()
    if (this.spooledBytes() > 0) this.#replay()
  }

  // What others left behind is replayed by whoever can: that is no reason not to start.
  async #openIfFree(): Promise<void> {
    try {
      await this.#open()
    } catch (error) {
      if (!(error instanceof AuditUnavailableError)) throw error
      this.#options.notes(`The spool cannot be used: ${error.message}`)
    }
  }

  configure: RecordStore['configure'] = (settings) => {
    this.#settings = settings
    this.#options.primary.configure(settings)
    // A spool that a new policy asks for is opened before it is needed.
    if (settings.spool && this.#started) void this.#openIfFree()
  }

  append: RecordStore['append'] = (batch) => this.#inTurn(() => this.#append(batch))

  problem: RecordStore['problem'] = () => {
    const { spool, spoolBytesMax } = this.#settings
    if (spool) return this.#spool?.problem(spoolBytesMax)
    return this.#away ?? this.#options.primary.problem()
  }

  beat: RecordStore['beat'] = (writer) => this.#options.primary.beat(writer)

  /** Whether records are spooled where Redis is away. */
  get spools(): boolean {
    return this.#settings.spool
  }

  /** What waits in the spool. */
  spooledBytes: RecordStore['spooledBytes'] = () => this.#spool?.bytes ?? 0

  health: RecordStore['health'] = async () => {
    const health = await this.#options.primary.health()
    const { spool, spoolBytesMax } = this.#settings
    if (health.ok && this.#away === undefined) return health
    const away = this.#away ?? health.problem ?? 'Redis is away'
    if (!spool || health.unfit === true) return { ...health, ok: false, problem: away }
    const local = await this.#spool?.health()
    const problem = this.#spool?.problem(spoolBytesMax) ?? local?.problem
    if (problem !== undefined) return { ...health, ok: false, problem: `${away}; ${problem}` }
    // The disk of this machine is as durable as was promised, whatever Redis is.
    return { ok: true, problem: `${away}; records go to the spool`, durability: 'strict' }
  }

  close: RecordStore['close'] = async () => {
    this.#closing.abort()
    await this.#replaying
    await this.#turn
    try {
      await this.#spool?.close()
    } finally {
      await this.#options.primary.close()
    }
  }

  async #append(batch: readonly PlacedRecord[]): Promise<void> {
    if (this.#away === undefined) {
      try {
        await withinTime(this.#options.primary.append(batch), this.#patienceMs(), tooSlow)
        return
      } catch (error) {
        if (!(error instanceof AuditUnavailableError) || !this.#settings.spool) throw error
        this.#leavePrimary(error.message)
      }
    }
    // The policy has changed meanwhile; what waits must be there before anything else.
    if (!this.#settings.spool) throw new AuditUnavailableError(this.#away ?? 'Redis is away')
    const spool = await this.#open()
    await spool.append(batch, this.#settings.spoolBytesMax)
    this.#replay()
  }

  // Where nothing stands in for it, Redis has its own time.
  #patienceMs(): number {
    const { patienceMs = PATIENCE_MS } = this.#options
    return this.#settings.spool ? patienceMs : ALL_TIME_MS
  }

  #leavePrimary(problem: string): void {
    this.#away = problem
    this.#options.notes(`${problem}; records go to the spool`)
  }

  async #open(): Promise<Spool> {
    if (this.#spool !== undefined) return this.#spool
    this.#opening ??= this.#options.openSpool().finally(() => (this.#opening = undefined))
    return (this.#spool = await this.#opening)
  }

  /** Begins to replay, unless that is under way. */
  #replay(): void {
    this.#replaying ??= this.#replayAll().finally(() => {
      this.#replaying = undefined
      if (this.#away !== undefined || this.spooledBytes() > 0) {
        if (!this.#closing.signal.aborted) this.#replay()
      }
    })
  }

  async #replayAll(): Promise<void> {
    const { primary, notes, retryMs = RETRY_MS } = this.#options
    let told: string | undefined
    while (!this.#closing.signal.aborted) {
      try {
        const health = await primary.health()
        if (health.ok && (await this.#replayOnce())) {
          notes('Redis has all records of the spool')
          return
        }
      } catch (error) {
        const problem = problemOf(error)
        if (problem !== told) notes(`The spool is not replayed yet: ${problem}`)
        told = problem
      }
      await sleep(retryMs, undefined, { signal: this.#closing.signal }).catch(() => undefined)
    }
  }

  /** Replays what is there now. True once nothing is left, and Redis is written to again. */
  async #replayOnce(): Promise<boolean> {
    for (;;) {
      if (this.#closing.signal.aborted) return false
      const spool = await this.#open()
      if (spool.bytes <= REST_BYTES) return this.#inTurn(() => this.#replayRest(spool))
      const segments = await this.#inTurn(() => spool.segments())
      await this.#replaySegments(spool, segments)
    }
  }

  async #replayRest(spool: Spool): Promise<boolean> {
    await this.#replaySegments(spool, await spool.segments(), this.#patienceMs())
    this.#away = undefined
    return true
  }

  async #replaySegments(
    spool: Spool,
    segments: readonly SegmentName[],
    patienceMs = ALL_TIME_MS,
  ): Promise<void> {
    const unreadable = new Set<SegmentName>()
    let batch: PlacedRecord[] = []
    for await (const record of spool.records(segments, (segment) => unreadable.add(segment))) {
      const another = batch.length > 0 && batch[0]?.envelope.writer !== record.envelope.writer
      if (another || batch.length >= BATCH_RECORDS) {
        await this.#replayBatch(batch, patienceMs)
        batch = []
      }
      batch.push(record)
    }
    if (batch.length > 0) await this.#replayBatch(batch, patienceMs)
    await spool.remove(segments, unreadable)
  }

  async #replayBatch(batch: readonly PlacedRecord[], patienceMs: number): Promise<void> {
    const { primary, notes } = this.#options
    // Nobody waits for the rest of a large spool: it is replayed by whoever opens it next.
    if (this.#closing.signal.aborted) throw new AuditUnavailableError('The audit is closed')
    try {
      await withinTime(primary.append(batch), patienceMs, tooSlow)
    } catch (error) {
      if (!(error instanceof ChainBrokenError)) throw error
      notes(`${error.message}; what was spooled after them is stored all the same`)
      await primary.restore(batch)
    }
  }

  /** One append, or step of a replay, at a time. */
  #inTurn<T>(act: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(act)
    this.#turn = done.then(
      () => undefined,
      () => undefined,
    )
    return done
  }
}

const ALL_TIME_MS = 60_000

/** In words; a code of the operating system says enough, and its message would name paths. */
function problemOf(error: unknown): string {
  if (error instanceof AuditUnavailableError) return error.message
  return error instanceof Error && 'code' in error ? String(error.code) : String(error)
}

function tooSlow(): AuditUnavailableError {
  return new AuditUnavailableError('Redis takes too long')
}
