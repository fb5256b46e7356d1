/** What signed purges say is gone, as the verifier needs it: by writer, in order, those that touch as one. */
import { envelopeHash } from '../chain/envelope.ts'
import type { Envelope } from '../chain/envelope.ts'
import type { PurgedRun } from '../retention/purge-claim.ts'
import type { SignedPlaces } from './signed-places.ts'

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
   * Of records that a purge names and that are still there: each stretch must end with a hash that a purge or a signed checkpoint
   * names; a checkpoint needs no other signature than its own. Gives the stretches for which neither holds.
   */
  unconfirmed(
    left: readonly Envelope[],
    { hashes, own }: Pick<SignedPlaces, 'hashes' | 'own'>,
  ): readonly { readonly from: number; readonly to: number }[] {
    const stretches: { from: number; to: number }[] = []
    // `from` is the first record that nothing confirms as yet.
    let open: { from: number | undefined; to: number; hash: string } | undefined
    const end = (): void => {
      if (open?.from !== undefined) stretches.push({ from: open.from, to: open.to })
      open = undefined
    }
    for (const envelope of left.toSorted((a, b) => a.sequence - b.sequence)) {
      const { sequence, previous } = envelope
      if (open !== undefined && previous !== open.hash) end()
      const hash = envelopeHash(envelope)
      const isNamed = this.#named.get(sequence) === hash || hashes.get(sequence) === hash
      const from = open?.from ?? (own.has(sequence) ? undefined : sequence)
      open = { from: isNamed ? undefined : from, to: sequence, hash }
    }
    end()
    return stretches
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
