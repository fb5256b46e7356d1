/**
 * Verifies an audit: every event by its hash, every chain link by link, every checkpoint by its signature, and what there is
 * against what the anchors say there was. Reads each record once, in bounded memory.
 */
import { STREAM_OF } from '../../core/audit-record.ts'
import type { JsonValue } from '../../core/audit-record.ts'
import type { JwsVerifier } from '../../core/signing.ts'
import { CHECKPOINT_TYPE, claimOf } from '../chain/checkpoint.ts'
import type { CheckpointClaim } from '../chain/checkpoint.ts'
import { memberOf } from '../chain/open-exchanges.ts'
import { PURGE_TYPE, purgeClaimOf } from '../retention/purge-claim.ts'
import type { PurgeClaim, PurgedRun } from '../retention/purge-claim.ts'
import { AuditUnavailableError } from '../errors.ts'
import type { AuditCorruptError } from '../errors.ts'
import type { StreamRecord } from '../read-all.ts'
import { isAsWritten } from '../record-codec.ts'
import { ChainFaults } from './chain-fault.ts'
import type { ChainFault } from './chain-fault.ts'
import { PurgedRuns } from './purged-runs.ts'
import { WriterChain } from './writer-chain.ts'

export interface VerifyOptions {
  /** All records, each stream in its order; `corrupt` is to be told of what is none. */
  readonly records: (corrupt: (error: AuditCorruptError) => void) => AsyncIterable<StreamRecord>
  /** The records that may say what was purged; they are read before the others. Undefined: nothing was. */
  readonly purges?: (() => AsyncIterable<StreamRecord>) | undefined
  /** By which signatures are checked; undefined: they are not, and the report says so. */
  readonly verifyJws: JwsVerifier | undefined
  /** Signed checkpoints from an anchor, one each. */
  readonly anchored: () => AsyncIterable<string> | Iterable<string>
  /** True for a part of an audit: chains begin where the first record that is there does. */
  readonly partial: boolean
  /** Told of each so many records. */
  readonly progress?: ((records: number) => void) | undefined
}

/** What is known of one chain. */
export interface WriterSummary {
  readonly writer: string
  readonly first: number
  readonly last: number
  /** Up to which record a signed checkpoint confirms it; 0: none does. */
  readonly confirmed: number
  /** Whether its end is on record, so that nothing can be missing after it. */
  readonly ended: boolean
  /** How many of its records are gone by order of a purge... */
  readonly purged: number
  /** ...and whether the last one is among them. */
  readonly endPurged: boolean
}

export interface VerifyReport {
  readonly records: number
  readonly faults: readonly ChainFault[]
  /** How many there are in all; the list has the first of them. */
  readonly faultCount: number
  readonly writers: readonly WriterSummary[]
  readonly checkpoints: {
    readonly signed: number
    readonly unsigned: number
    /** How many of the unsigned have no signature at all, since the policy had no key. */
    readonly bare: number
    readonly anchored: number
  }
  readonly purges: {
    /** Records that say what was purged. */
    readonly claims: number
    /** How many records went by them. */
    readonly records: number
    /** Writers of whom nothing is left. */
    readonly writers: number
  }
}

const PROGRESS_RECORDS = 50_000

/** Purged runs that are kept in memory: those of centuries. */
const RUNS_MAX = 5_000_000
/** A purge amid a verification removes what was about to be read: it is then begun anew. */
const ATTEMPTS = 3

/** Throws AuditUnavailableError where the store cannot be read. */
export async function verifyAudit(options: VerifyOptions): Promise<VerifyReport> {
  for (let attempt = 1; ; attempt += 1) {
    const report = await verifyOnce(options)
    if (report.faultCount === 0 || attempt === ATTEMPTS) return report
    if ((await countPurges(options)) === report.purges.claims) return report
  }
}

async function countPurges({ purges }: VerifyOptions): Promise<number> {
  let count = 0
  if (purges === undefined) return 0
  for await (const { record } of purges()) if (isPurge(record)) count += 1
  return count
}

function isPurge({ type, event }: StreamRecord['record']): boolean {
  return (
    type === 'retention' &&
    memberOf(memberOf(event['unmapped'], 'celosia'), 'activity') === 'purged'
  )
}

async function verifyOnce(options: VerifyOptions): Promise<VerifyReport> {
  const verification = new Verification(options)
  if (options.purges !== undefined)
    for await (const record of options.purges()) await verification.takePurge(record)
  for await (const jws of options.anchored()) await verification.takeAnchored(jws)
  let records = 0
  for await (const record of options.records((error) => verification.corrupt(error))) {
    records += 1
    await verification.take(record)
    if (records % PROGRESS_RECORDS === 0) options.progress?.(records)
  }
  return verification.report(records)
}

type PurgePart = Readonly<Record<string, JsonValue | undefined>>

class Verification {
  readonly #options: VerifyOptions
  readonly #chains = new Map<string, WriterChain>()
  readonly #faults = new ChainFaults()
  readonly #checkpoints = { signed: 0, unsigned: 0, bare: 0, anchored: 0 }
  readonly #purged = new Map<string, PurgedRun[]>()
  #purges = 0
  #runs = 0

  constructor(options: VerifyOptions) {
    this.#options = options
  }

  /** A purge counts by its signature where signatures are checked, and else by its word. */
  async takePurge({ record, envelope, position }: StreamRecord): Promise<void> {
    if (!isPurge(record)) return
    this.#purges += 1
    const own = memberOf(record.event['unmapped'], 'celosia') as PurgePart
    const { verifyJws } = this.#options
    const { jws } = own
    const claims =
      verifyJws === undefined
        ? own
        : typeof jws === 'string'
          ? await verifyJws(jws, PURGE_TYPE)
          : undefined
    const claim = purgeClaimOf(claims)
    if (claim === undefined) {
      const { writer, sequence } = envelope
      const detail = 'the purge is not signed by a known key'
      this.#faults.add({ kind: 'forged', writer, sequence, position, detail })
    } else this.#takeClaim(claim)
  }

  #takeClaim({ runs }: PurgeClaim): void {
    this.#runs += runs.length
    if (this.#runs > RUNS_MAX)
      throw new AuditUnavailableError(`The audit names more than ${RUNS_MAX} purged runs`)
    for (const run of runs) {
      const known = this.#purged.get(run.writer) ?? []
      this.#purged.set(run.writer, known)
      known.push(run)
    }
  }

  async takeAnchored(jws: string): Promise<void> {
    const { verifyJws } = this.#options
    const claim = claimOf(await verifyJws?.(jws, CHECKPOINT_TYPE))
    if (claim === undefined) {
      const detail = 'a line of the anchor is no checkpoint that is signed by a known key'
      this.#faults.add({ kind: 'forged', writer: undefined, sequence: undefined, detail })
      return
    }
    this.#checkpoints.anchored += 1
    this.#chain(claim.writer).claim(claim)
  }

  corrupt({ position }: AuditCorruptError): void {
    const detail = 'what stands here is no record'
    this.#faults.add({ kind: 'altered', writer: undefined, sequence: undefined, position, detail })
  }

  async take({ envelope, eventText, record, stream, position }: StreamRecord): Promise<void> {
    const { writer, sequence, type } = envelope
    const fault = (kind: ChainFault['kind'], detail: string): void =>
      this.#faults.add({ kind, writer, sequence, position, detail })
    if (!isAsWritten({ envelope, eventText }))
      fault('altered', 'the event is not the one that was written')
    if (STREAM_OF[type] !== stream) fault('reordered', `it stands in the stream ${stream}`)
    const chain = this.#chain(writer)
    chain.take({ envelope, stream, position })
    const own = memberOf(record.event['unmapped'], 'celosia')
    if (type === 'writer' && memberOf(own, 'activity') === 'ended') chain.markEnded()
    if (type !== 'checkpoint') return
    const jws = memberOf(own, 'jws')
    const claim = typeof jws === 'string' ? await this.#claimOf(jws) : undefined
    if (claim?.writer === writer) {
      this.#checkpoints.signed += 1
      chain.claim(claim, sequence)
    } else if (typeof jws === 'string' && this.#options.verifyJws !== undefined)
      fault('forged', 'the checkpoint is not signed by a known key')
    else {
      this.#checkpoints.unsigned += 1
      chain.claim(undefined, sequence)
      if (typeof jws !== 'string') this.#checkpoints.bare += 1
    }
  }

  report(records: number): VerifyReport {
    for (const writer of this.#purged.keys()) this.#chain(writer)
    for (const chain of this.#chains.values()) chain.end()
    const left = [...this.#chains].filter(([, { isGone }]) => !isGone)
    return {
      records,
      faults: this.#faults.list,
      faultCount: this.#faults.count,
      writers: left.map(([writer, { first, last, confirmed, ended, purged, endPurged }]) => ({
        writer,
        first,
        last,
        confirmed,
        ended,
        purged,
        endPurged,
      })),
      checkpoints: this.#checkpoints,
      purges: {
        claims: this.#purges,
        records: [...this.#chains.values()].reduce((sum, chain) => sum + chain.purged, 0),
        writers: this.#chains.size - left.length,
      },
    }
  }

  async #claimOf(jws: string): Promise<CheckpointClaim | undefined> {
    return claimOf(await this.#options.verifyJws?.(jws, CHECKPOINT_TYPE))
  }

  #chain(writer: string): WriterChain {
    const known = this.#chains.get(writer)
    if (known !== undefined) return known
    const { partial } = this.#options
    const fault = (found: ChainFault): void => this.#faults.add(found)
    const purged = new PurgedRuns(this.#purged.get(writer))
    const chain = new WriterChain({ writer, fault, partial, purged })
    this.#chains.set(writer, chain)
    // A signed purge vouches for the hash at its end as a checkpoint does.
    if (this.#options.verifyJws !== undefined) {
      for (const { to: sequence, hash } of purged.all)
        chain.claim({ writer, sequence, hash, timeMs: 0, ended: false, openFrom: 0 })
    }
    return chain
  }
}
