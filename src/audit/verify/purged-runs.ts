/** What signed purges say is gone, as the verifier needs it: by writer, in order, those that touch as one. */
import { envelopeHash } from '../chain/envelope.ts'
import type { Envelope } from '../chain/envelope.ts'
import type { PurgedRun } from '../retention/purge-claim.ts'

export class PurgedRuns {
  readonly #runs: readonly PurgedRun[]
  /** The hashes that purges name: at the end of every run, and before it; also of those that are now part of another. */
  readonly #named: ReadonlyMap<number, string>

  /** Of one writer. */
  constructor(runs: readonly PurgedRun[] = []) {
    this.#runs = joined(runs)
    const before = runs.map(({ from, previous }) => [from - 1, previous] as const)
    this.#named = new Map([...before, ...runs.map(({ to, hash }) => [to, hash] as const)])
  }

  get all(): readonly PurgedRun[] {
    return this.#runs
  }

  /** The run that a record stood in. */
  at(sequence: number): PurgedRun | undefined {
    let low = 0
    let high = this.#runs.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#runs[middle]?.to ?? 0) < sequence) low = middle + 1
      else high = middle
    }
    const run = this.#runs[low]
    return run !== undefined && run.from <= sequence ? run : undefined
  }

  /**
   * Of records that a purge names and that are still there: each stretch must end with a hash that a purge names. Gives those
   * that do not.
   */
  unconfirmed(
    left: readonly Envelope[],
  ): readonly { readonly from: number; readonly to: number }[] {
    const stretches: { from: number; to: number }[] = []
    let open: { from: number; to: number; hash: string } | undefined
    for (const envelope of left.toSorted((a, b) => a.sequence - b.sequence)) {
      const { sequence, previous } = envelope
      if (open !== undefined && previous !== open.hash) {
        stretches.push(open)
        open = undefined
      }
      open = { from: open?.from ?? sequence, to: sequence, hash: envelopeHash(envelope) }
      if (this.#named.get(sequence) === open.hash) open = undefined
    }
    return open === undefined ? stretches : [...stretches, open]
  }
}

function joined(runs: readonly PurgedRun[]): readonly PurgedRun[] {
  const all: PurgedRun[] = []
  for (const run of runs.toSorted((a, b) => a.from - b.from || b.to - a.to)) {
    const last = all.at(-1)
    if (last === undefined || run.from > last.to + 1) all.push(run)
    else if (run.to > last.to) {
      // One that does not follow on the other stays by itself: its hash before it is then found to be another.
      const follows = run.from <= last.to || run.previous === last.hash
      if (follows) all[all.length - 1] = { ...last, to: run.to, hash: run.hash }
      else all.push(run)
    }
  }
  return all
}
