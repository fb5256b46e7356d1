/**
 * Verifies an audit: every event by its hash, every chain link by link, every checkpoint by its signature, and what there is
 * against what the anchors say there was. Reads each record once, in bounded memory.
 */
import { STREAM_OF } from '../../core/audit-record.ts'
import type { JwsVerifier } from '../../core/signing.ts'
import { CHECKPOINT_TYPE, claimOf } from '../chain/checkpoint.ts'
import type { CheckpointClaim } from '../chain/checkpoint.ts'
import { sha256 } from '../chain/envelope.ts'
import { memberOf } from '../chain/open-exchanges.ts'
import type { AuditCorruptError } from '../errors.ts'
import type { StreamRecord } from '../read-all.ts'
import { ChainFaults } from './chain-fault.ts'
import type { ChainFault } from './chain-fault.ts'
import { WriterChain } from './writer-chain.ts'

export interface VerifyOptions {
  /** All records, each stream in its order; `corrupt` is to be told of what is none. */
  readonly records: (corrupt: (error: AuditCorruptError) => void) => AsyncIterable<StreamRecord>
  /** By which signatures are checked; undefined: they are not, and the report says so. */
  readonly verifyJws: JwsVerifier | undefined
  /** Signed checkpoints from an anchor, one each. */
  readonly anchored: AsyncIterable<string> | Iterable<string>
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
    readonly anchored: number
  }
}

const PROGRESS_RECORDS = 50_000

/** Throws AuditUnavailableError where the store cannot be read. */
export async function verifyAudit(options: VerifyOptions): Promise<VerifyReport> {
  const verification = new Verification(options)
  for await (const jws of options.anchored) await verification.takeAnchored(jws)
  let records = 0
  for await (const record of options.records((error) => verification.corrupt(error))) {
    records += 1
    await verification.take(record)
    if (records % PROGRESS_RECORDS === 0) options.progress?.(records)
  }
  return verification.report(records)
}

class Verification {
  readonly #options: VerifyOptions
  readonly #chains = new Map<string, WriterChain>()
  readonly #faults = new ChainFaults()
  readonly #checkpoints = { signed: 0, unsigned: 0, anchored: 0 }

  constructor(options: VerifyOptions) {
    this.#options = options
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
    if (eventText === undefined || sha256(eventText) !== envelope.event_sha256)
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
      chain.claim(claim)
    } else if (typeof jws === 'string' && this.#options.verifyJws !== undefined)
      fault('forged', 'the checkpoint is not signed by a known key')
    else this.#checkpoints.unsigned += 1
  }

  report(records: number): VerifyReport {
    for (const chain of this.#chains.values()) chain.end()
    return {
      records,
      faults: this.#faults.list,
      faultCount: this.#faults.count,
      writers: [...this.#chains].map(([writer, { first, last, confirmed, ended }]) => ({
        writer,
        first,
        last,
        confirmed,
        ended,
      })),
      checkpoints: this.#checkpoints,
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
    const chain = new WriterChain({ writer, fault, partial, purged: [] })
    this.#chains.set(writer, chain)
    return chain
  }
}
