/**
 * The chain of one writer while it is verified: takes his records nearly in order, puts each in its place, and tells what is
 * not as it was written. Holds back a bounded number of records that came early, and forgets hashes once a checkpoint has
 * confirmed them.
 */
import type { StreamName } from '../../core/audit-record.ts'
import type { CheckpointClaim } from '../chain/checkpoint.ts'
import { envelopeHash, NO_PREVIOUS } from '../chain/envelope.ts'
import type { Envelope } from '../chain/envelope.ts'
import type { ChainFault } from './chain-fault.ts'
import type { PurgedRuns } from './purged-runs.ts'
import { SignedPlaces } from './signed-places.ts'

/** A record of the writer in the place where it stands. */
export interface Link {
  readonly envelope: Envelope
  readonly stream: StreamName
  readonly position: string
}

/** Early records that are held back; with one more, those they wait for are missing. */
const EARLY_MAX = 10_000
/** The same where a chain may begin with any record: the first may come late. */
const BEGINNING_MAX = 1_000
/** Hashes that are remembered where no checkpoint comes. */
const HASHES_MAX = 20_000

export interface WriterChainOptions {
  readonly writer: string
  readonly fault: (fault: ChainFault) => void
  /** A chain whose first records are not there begins with the first that is. */
  readonly partial: boolean
  /** What is gone by order of a purge. */
  readonly purged: PurgedRuns
}

export class WriterChain {
  readonly #options: WriterChainOptions
  readonly #early = new Map<number, Link>()
  readonly #hashes = new Map<number, string>()
  readonly #lastIn = new Map<StreamName, number>()
  readonly #claims = new Map<number, CheckpointClaim>()
  readonly #signed: SignedPlaces
  #next = 1
  #hash = NO_PREVIOUS
  /** The hash that the last record would have, did it follow on the one before it. Set where it does not. */
  #mended: { readonly hash: string; readonly last: Link } | undefined
  #first: number | undefined
  #confirmed = 0
  #ended = false
  #linked = 0
  #purged = 0
  #rebuilt = false
  readonly #missing: { readonly from: number; readonly to: number }[] = []

  constructor(options: WriterChainOptions) {
    this.#options = options
    this.#signed = new SignedPlaces(options.purged)
  }

  /** The sequence of the first and of the last record that is in its place; 0 where none is. */
  get first(): number {
    return this.#first ?? 0
  }

  get last(): number {
    return this.#next - 1
  }

  /** Up to where a checkpoint has confirmed it. */
  get confirmed(): number {
    return this.#confirmed
  }

  /** Records that are not there any more by order of a purge. */
  get purged(): number {
    return this.#purged
  }

  /** The last record that is known is one of these. */
  get endPurged(): boolean {
    return this.#options.purged.at(this.last) !== undefined
  }

  /** Nothing of it is left. */
  get isGone(): boolean {
    return this.#linked === 0 && this.#purged > 0
  }

  get ended(): boolean {
    return this.#ended
  }

  /** The writer has said that it ends. */
  markEnded(): void {
    this.#ended = true
  }

  /** A record as it comes. */
  take(link: Link): void {
    const { sequence } = link.envelope
    const before = this.#lastIn.get(link.stream) ?? 0
    if (sequence <= before) this.#takeAgain(link)
    else {
      this.#lastIn.set(link.stream, sequence)
      if (sequence < this.#next) this.#takeAgain(link)
      else this.#place(link)
    }
  }

  /** A checkpoint: of its sequence, now or when the chain gets there. It stands at `at`, and has no claim where nobody checks. */
  claim(claim: CheckpointClaim | undefined, at?: number): void {
    this.#signed.add(claim, at)
    if (claim === undefined) return
    if (claim.sequence >= this.#next) this.#claims.set(claim.sequence, claim)
    else this.#confirm(claim, this.#hashes.get(claim.sequence))
  }

  /** No more records come. */
  end(): void {
    for (;;) {
      this.#jumpOverPurged(true)
      this.#linkWhatFollows()
      if (this.#early.size === 0) break
      this.#skipToEarliest()
    }
    this.#settle(undefined)
    const claimed = Math.max(0, ...this.#claims.keys())
    if (claimed <= this.last) return
    const sequence = this.#next
    const wholly = this.last === 0
    this.#fault(wholly ? 'missing' : 'truncated', sequence, {
      to: claimed,
      detail: wholly
        ? `nothing of this writer is there; a signed checkpoint says that he had ${claimed} records`
        : `the chain ends with ${sequence - 1}; a signed checkpoint says that it had ${claimed} records`,
    })
  }

  #place(link: Link): void {
    this.#early.set(link.envelope.sequence, link)
    this.#jumpOverPurged()
    this.#linkWhatFollows()
    if (this.#early.size > (this.#mayBeginHere ? BEGINNING_MAX : EARLY_MAX)) this.#skipToEarliest()
  }

  get #mayBeginHere(): boolean {
    return this.#options.partial && this.#first === undefined
  }

  #beginAt({ envelope }: Link): void {
    this.#next = envelope.sequence
    this.#hash = envelope.previous
  }

  #linkWhatFollows(): void {
    for (;;) {
      const link = this.#early.get(this.#next)
      if (link === undefined) return
      this.#early.delete(this.#next)
      this.#link(link)
      this.#jumpOverPurged()
    }
  }

  #link(link: Link): void {
    const { envelope } = link
    this.#settle(envelope.previous)
    const hash = envelopeHash(envelope)
    if (envelope.previous !== this.#hash) {
      this.#mended = { hash: envelopeHash({ ...envelope, previous: this.#hash }), last: link }
    }
    this.#first ??= envelope.sequence
    this.#linked += 1
    this.#advance(envelope.sequence, hash)
  }

  #advance(sequence: number, hash: string): void {
    this.#next = sequence + 1
    this.#hash = hash
    this.#hashes.set(sequence, hash)
    const oldest = this.#hashes.keys().next().value
    if (this.#hashes.size > HASHES_MAX && oldest !== undefined) this.#hashes.delete(oldest)
    const claim = this.#claims.get(sequence)
    if (claim === undefined) return
    this.#claims.delete(sequence)
    this.#confirm(claim, hash)
  }

  /** Which of two records was altered where the second does not follow on the first: the third tells. */
  #settle(previous: string | undefined): void {
    const mended = this.#mended
    if (mended === undefined) return
    this.#mended = undefined
    const { envelope, position } = mended.last
    const itself = previous === mended.hash || (previous !== undefined && previous !== this.#hash)
    if (previous === mended.hash) this.#hash = mended.hash
    this.#fault('altered', itself ? envelope.sequence : Math.max(1, envelope.sequence - 1), {
      position,
      detail: `record ${envelope.sequence} does not follow on record ${envelope.sequence - 1} as it is`,
    })
  }

  #confirm({ sequence, hash, ended }: CheckpointClaim, found: string | undefined): void {
    if (ended) this.#ended = true
    if (found === hash) {
      this.#confirmed = Math.max(this.#confirmed, sequence)
      for (const known of this.#hashes.keys()) {
        if (known >= sequence) break
        this.#hashes.delete(known)
      }
      return
    }
    // Forgotten hashes are older than a later checkpoint, which has confirmed them.
    if (found === undefined && (sequence <= this.#confirmed || sequence < this.first)) return
    if (found === undefined && this.#options.purged.at(sequence) !== undefined) return
    // Whatever follows is no better: once is enough.
    if (this.#rebuilt) return
    this.#rebuilt = true
    this.#fault('altered', this.#confirmed + 1, {
      to: sequence,
      detail: `the signed checkpoint of record ${sequence} has another hash: the chain was built anew after record ${this.#confirmed}`,
    })
  }

  #takeAgain(link: Link): void {
    const { sequence } = link.envelope
    const early = this.#early.get(sequence)
    const known = early === undefined ? this.#hashes.get(sequence) : envelopeHash(early.envelope)
    const same = known === undefined || known === envelopeHash(link.envelope)
    const { position } = link
    const misplaced = this.#missing.some(({ from, to }) => from <= sequence && sequence <= to)
    if (known === undefined && (sequence >= this.#next || misplaced)) {
      const detail = 'it stands after records that follow on it'
      this.#fault('reordered', sequence, { position, detail })
      if (!misplaced) this.#place(link)
    } else if (same)
      this.#fault('repeated', sequence, { position, detail: 'it stands there again' })
    else
      this.#fault('altered', sequence, { position, detail: 'another record stands in its place' })
  }

  #skipToEarliest(): void {
    const earliest = Math.min(...this.#early.keys())
    const link = this.#early.get(earliest)
    if (link === undefined) return
    this.#settle(undefined)
    if (this.#mayBeginHere) {
      this.#beginAt(link)
      this.#linkWhatFollows()
      return
    }
    this.#missing.push({ from: this.#next, to: earliest - 1 })
    this.#fault('missing', this.#next, {
      to: earliest - 1,
      detail: `the next record that is there is ${earliest}`,
    })
    this.#beginAt(link)
    this.#linkWhatFollows()
  }

  #jumpOverPurged(atEnd = false): void {
    for (;;) {
      const run = this.#options.purged.at(this.#next)
      // What was to be purged and is still there is verified as ever: it would come before what follows on it.
      if (run === undefined || this.#early.has(this.#next)) return
      if (!atEnd && !this.#early.keys().some((sequence) => sequence > run.to)) return
      const previous = run.from === this.#next ? run.previous : undefined
      this.#settle(previous)
      if (previous !== undefined && previous !== this.#hash) {
        this.#fault('altered', run.from, { detail: 'the purge has another hash before it' })
      }
      this.#first ??= run.from
      this.#purged += run.to - this.#next + 1 - this.#linkWhatIsLeft(run.to)
      this.#signed.forget(run.to)
      this.#advance(run.to, run.hash)
    }
  }

  /** Of a purge that was cut short. Gives how many records are left of it. */
  #linkWhatIsLeft(to: number): number {
    const left = [...this.#early.values()]
      .map(({ envelope }) => envelope)
      .filter(({ sequence }) => sequence <= to)
    for (const { sequence } of left) this.#early.delete(sequence)
    const detail = 'it stands within what was purged, and nothing confirms it'
    for (const { from, to: end } of this.#options.purged.unconfirmed(left, this.#signed))
      this.#fault('altered', from, { to: end, detail })
    this.#linked += left.length
    return left.length
  }

  #fault(
    kind: ChainFault['kind'],
    sequence: number,
    rest: Pick<ChainFault, 'to' | 'position' | 'detail'>,
  ): void {
    this.#options.fault({ kind, writer: this.#options.writer, sequence, ...rest })
  }
}
