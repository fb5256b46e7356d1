/** Proofs that were used: each is good once, on all instances together. One contract suite; in memory for one machine, in Redis for many. */

export interface SpentProofs {
  /**
   * True where the proof is used for the first time, and remembers it as long as it could be used again: one atomic step. Rejects with
   * SpentProofsUnavailableError where that cannot be known, within a bounded time.
   */
  readonly spend: (id: string) => Promise<boolean>
  readonly close: () => Promise<void>
}
