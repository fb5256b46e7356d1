/**
 * The writer of a chain: gives each record its place, in the group commit, and hands batches to a store. One chain a run of
 * a process; a chain that cannot go on, because the store lost a part of it, is followed by another that says so.
 */
import { STREAM_OF } from '../../core/audit-record.ts'
import type { AuditRecord } from '../../core/audit-record.ts'
import type { Clock } from '../../core/clock.ts'
import type { IdSource } from '../../core/ids.ts'
import { withinTime } from '../../core/within-time.ts'
import type { AuditNotes } from '../audit-notes.ts'
import type { AuditWriter } from '../audit-store.ts'
import { AuditUnavailableError, ChainBrokenError } from '../errors.ts'
import { GroupCommit } from '../group-commit.ts'
import type { RecordStore, StoreSettings } from '../record-store.ts'
import type { RetentionPeriods } from '../retention/retention-target.ts'
import { writerActivity } from '../writer-activity.ts'
import type { WriterFacts } from '../writer-activity.ts'
import { Checkpoints } from './checkpoints.ts'
import type { ChainState, CheckpointSettings } from './checkpoints.ts'
import { OpenExchanges } from './open-exchanges.ts'
import { headOf, NO_PREVIOUS, prepareRecord, sealRecord } from './envelope.ts'
import type { ChainHead, PreparedRecord, SealedRecord } from './envelope.ts'

export interface ChainWriterOptions {
  /** Closed with the writer. */
  readonly store: RecordStore
  readonly clock: Clock
  readonly ids: IdSource
  /** Told of what is no error and should not be silent. */
  readonly notes: AuditNotes
  /** How long one append may take, and closing. */
  readonly timeoutMs?: number
}

/** Less than a request may wait for its stores in all, so that the next one knows of it. */
const TIMEOUT_MS = 1_800
/** With a commit that takes longer, nobody should rely on the next. */
const SLOW_MS = 800
/** A clock may be put right by so much; what steps back further makes expired tokens good again, and records out of order. */
const STEP_BACK_MS_MAX = 60_000
/** A writer who appends nothing says so often that he lives. */
const BEAT_MS = 20_000

/** What a policy asks of the audit. */
export interface AuditSettings {
  /** How long records are kept. Undefined: for good. */
  readonly retention?: RetentionPeriods | undefined
  readonly checkpoints: CheckpointSettings
  readonly store: StoreSettings
}

/** A writer with a chain. */
export interface ChainedWriter extends AuditWriter {
  /** What the policy in force asks of chain and stores. */
  readonly configure: (settings: AuditSettings) => void
  /** When the last checkpoint was made, and when all anchors last had the newest. Wall clock, milliseconds. */
  readonly checkpointTimes: () => Checkpoints['times']
  /** The name of the chain that is written now. */
  readonly writer: () => string
  /** Bytes that wait in a spool. */
  readonly spooledBytes: () => number
}

/** Begins a chain; its first record is written with the first that is appended. */
export function createChainWriter(options: ChainWriterOptions): ChainedWriter {
  return new ChainWriter(options)
}

/** Records that are appended together. */
interface Item {
  readonly prepared: readonly PreparedRecord[]
  readonly bytes: number
  readonly records: number
}

const NOTHING: Item = { prepared: [], bytes: 0, records: 0 }
const CLOSED = 'The audit is closed'

class ChainWriter implements ChainedWriter {
  readonly #options: ChainWriterOptions
  readonly #timeoutMs: number
  readonly #group: GroupCommit<Item>
  readonly #checkpoints: Checkpoints
  readonly #open = new OpenExchanges()
  #head: ChainHead
  /** The chain before this one, where it broke. Said in the first record. */
  #broken: ChainHead | undefined
  /** Sealed and handed over, but nobody knows whether the store has it: nothing else may come before. */
  #inDoubt: readonly SealedRecord[] = []
  /** Why the store did not take what it was given last. */
  #problem: string | undefined
  /** When the commit that is under way began. */
  #committingMs = Number.POSITIVE_INFINITY
  /** The latest time that the clock has shown. */
  #latestMs = Number.NEGATIVE_INFINITY
  #closing: Promise<void> | undefined
  readonly #beating: NodeJS.Timeout

  constructor(options: ChainWriterOptions) {
    this.#options = options
    this.#timeoutMs = options.timeoutMs ?? TIMEOUT_MS
    this.#head = newHead(options.ids)
    this.#group = new GroupCommit({ commit: this.#commit, timeoutMs: this.#timeoutMs })
    this.#beating = setInterval(() => void this.#beat(), BEAT_MS).unref()
    this.#checkpoints = new Checkpoints({
      ...options,
      append: (record) => this.#wait(itemOf([record])),
    })
  }

  configure: ChainedWriter['configure'] = ({ checkpoints, store }) => {
    this.#options.store.configure(store)
    this.#checkpoints.configure(checkpoints)
  }

  problem: ChainedWriter['problem'] = () => {
    const { clock, store } = this.#options
    const slow = clock.monotonicMs() - this.#committingMs > SLOW_MS
    const stepped = this.#steppedBack()
    return stepped ?? this.#problem ?? (slow ? 'The audit store takes too long' : store.problem())
  }

  writer: ChainedWriter['writer'] = () => this.#head.writer

  spooledBytes: ChainedWriter['spooledBytes'] = () => this.#options.store.spooledBytes()

  checkpointTimes: ChainedWriter['checkpointTimes'] = () => this.#checkpoints.times

  append: AuditWriter['append'] = async (records) => {
    if (this.#closing !== undefined) throw new AuditUnavailableError(CLOSED)
    const stepped = this.#steppedBack()
    if (stepped !== undefined) throw new AuditUnavailableError(stepped)
    if (records.length > 0) await this.#wait(itemOf(records))
  }

  health: AuditWriter['health'] = async () => {
    if (this.#closing !== undefined) return { ok: false, problem: CLOSED, durability: 'relaxed' }
    // What is in doubt is handed over once more: whether a store takes records is told by giving it some.
    if (this.#problem !== undefined) await this.#wait(NOTHING).catch(() => undefined)
    const health = await this.#options.store.health()
    const problem = this.#steppedBack() ?? this.#problem
    return !health.ok || problem === undefined ? health : { ...health, ok: false, problem }
  }

  /** Goes on by itself once the clock is where it was; where it was wrong then and is right now, the process is to be restarted. */
  #steppedBack(): string | undefined {
    const nowMs = this.#options.clock.nowMs()
    this.#latestMs = Math.max(this.#latestMs, nowMs)
    const backMs = this.#latestMs - nowMs
    if (backMs <= STEP_BACK_MS_MAX) return undefined
    return `The clock of this machine has stepped back by ${Math.round(backMs / 1_000)} seconds`
  }

  close: AuditWriter['close'] = () => (this.#closing ??= this.#close())

  async #close(): Promise<void> {
    clearInterval(this.#beating)
    try {
      await withinTime(this.#end(), this.#timeoutMs, closedLate)
    } catch (error) {
      if (!(error instanceof AuditUnavailableError)) throw error
      this.#options.notes(`The chain of the audit was not ended: ${error.message}`)
    } finally {
      await this.#options.store.close()
    }
  }

  // Where it cannot be said, whoever would need to know cannot ask either.
  async #beat(): Promise<void> {
    if (this.#head.sequence === 0) return
    try {
      await this.#options.store.beat(this.#head.writer)
    } catch (error) {
      if (!(error instanceof AuditUnavailableError)) throw error
    }
  }

  async #end(): Promise<void> {
    await this.#group.drained()
    if (this.#head.sequence === 0) return
    // Without it the chain ends all the same; only nobody can tell that it was meant to.
    await this.#wait(itemOf([this.#said('ended')]))
    await this.#checkpoints.end(this.#state())
  }

  async #wait(item: Item): Promise<void> {
    try {
      await this.#group.append(item)
    } catch (error) {
      this.#problem = error instanceof Error ? error.message : 'The write failed'
      throw error
    }
  }

  /** Called by the group, once at a time. */
  #commit = async (items: readonly Item[]): Promise<void> => {
    this.#committingMs = this.#options.clock.monotonicMs()
    try {
      await this.#commitAll(items)
    } finally {
      this.#committingMs = Number.POSITIVE_INFINITY
    }
  }

  async #commitAll(items: readonly Item[]): Promise<void> {
    if (this.#inDoubt.length > 0) await this.#hand(this.#inDoubt)
    const prepared = items.flatMap((item) => item.prepared)
    if (prepared.length > 0) await this.#hand(this.#seal(prepared))
    this.#problem = undefined
    const grown = prepared.filter(({ record }) => record.type !== 'checkpoint').length
    this.#checkpoints.grown(this.#state(), grown)
  }

  #state(): ChainState {
    const head = this.#head
    return { head, openFrom: this.#open.oldest() ?? head.sequence + 1 }
  }

  async #hand(batch: readonly SealedRecord[]): Promise<void> {
    this.#inDoubt = batch
    try {
      await this.#options.store.append(batch)
    } catch (error) {
      if (!(error instanceof ChainBrokenError)) throw error
      this.#inDoubt = this.#sealAnew(batch)
      await this.#options.store.append(this.#inDoubt)
    }
    this.#inDoubt = []
  }

  /** Stream by stream, so that a store of several files writes as few of them as can be, one after the other. */
  #seal(prepared: readonly PreparedRecord[]): readonly SealedRecord[] {
    const sorted = prepared.toSorted((a, b) => rank(a) - rank(b))
    const all = this.#head.sequence > 0 ? sorted : [prepareRecord(this.#said('began')), ...sorted]
    return all.map((one) => {
      const sealed = sealRecord(one, this.#head)
      this.#head = headOf(sealed)
      this.#open.see(one.record, sealed.envelope.sequence)
      return sealed
    })
  }

  #sealAnew(batch: readonly SealedRecord[]): readonly SealedRecord[] {
    const before = batch[0]?.envelope
    this.#broken = before && {
      writer: before.writer,
      sequence: before.sequence - 1,
      hash: before.previous,
    }
    this.#head = newHead(this.#options.ids)
    this.#open.forget()
    return this.#seal(batch.map(({ prepared }) => prepared))
  }

  #said(activity: WriterFacts['activity']): AuditRecord {
    const { clock, ids } = this.#options
    const broken = activity === 'began' ? this.#broken : undefined
    return writerActivity({
      id: ids(),
      timeMs: clock.nowMs(),
      activity,
      writer: this.#head.writer,
      broken,
    })
  }
}

function newHead(ids: IdSource): ChainHead {
  return { writer: ids(), sequence: 0, hash: NO_PREVIOUS }
}

function itemOf(records: readonly AuditRecord[]): Item {
  const prepared = records.map(prepareRecord)
  const bytes = prepared.reduce((sum, one) => sum + one.bytes, 0)
  return { prepared, bytes, records: prepared.length }
}

const RANKS = { records: 0, findings: 1, chain: 2 } as const

function rank({ record }: PreparedRecord): number {
  return RANKS[STREAM_OF[record.type]]
}

function closedLate(): AuditUnavailableError {
  return new AuditUnavailableError('The audit was closed while a write took too long')
}
