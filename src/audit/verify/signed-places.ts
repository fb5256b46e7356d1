/** What checkpoints say within purged runs of a chain: it confirms what a purge that was cut short has left there. */
import type { CheckpointClaim } from '../chain/checkpoint.ts'
import type { PurgedRuns } from './purged-runs.ts'

/** Of more nothing is remembered, and what they would confirm is not. One step of a purge can leave those of four days, 1,440 each. */
const PLACES_MAX = 100_000

export class SignedPlaces {
  /** The hash that one names, by sequence. */
  readonly hashes = new Map<number, string>()
  /** Sequences of the checkpoints themselves. */
  readonly own = new Set<number>()
  readonly #purged: PurgedRuns

  constructor(purged: PurgedRuns) {
    this.#purged = purged
  }

  /** A checkpoint, and where it stands itself. Its claim is undefined where nobody checks signatures. */
  add(claim: CheckpointClaim | undefined, at: number | undefined): void {
    if (this.hashes.size + this.own.size >= PLACES_MAX) return
    if (claim !== undefined && this.#purged.at(claim.sequence) !== undefined)
      this.hashes.set(claim.sequence, claim.hash)
    if (at !== undefined && this.#purged.at(at) !== undefined) this.own.add(at)
  }

  /** The chain has come so far. */
  forget(to: number): void {
    for (const sequence of [...this.hashes.keys(), ...this.own]) {
      if (sequence > to) continue
      this.hashes.delete(sequence)
      this.own.delete(sequence)
    }
  }
}
