/**
 * Puts records that are to go together into runs, in whatever order they come. Findings are in runs of their own: they go from a journal
 * by themselves, and what a purge that is cut short leaves must be confirmed by it.
 */
import { STREAM_OF } from '../../core/audit-record.ts'
import { envelopeHash } from '../chain/envelope.ts'
import type { Envelope } from '../chain/envelope.ts'
import type { PurgedRun } from './purge-claim.ts'

interface WriterRuns {
  readonly byFrom: Map<number, PurgedRun>
  readonly byTo: Map<number, PurgedRun>
}

export class RunBuilder {
  /** By writer, and whether they are findings. */
  readonly #apart = new Map<string, WriterRuns>()
  #records = 0

  get records(): number {
    return this.#records
  }

  /** A record. One that stands in a run already changes nothing. */
  add(envelope: Envelope): void {
    const { writer, sequence, previous, type } = envelope
    const apart = `${writer} ${STREAM_OF[type] === 'findings'}`
    const runs = this.#apart.get(apart) ?? { byFrom: new Map(), byTo: new Map() }
    this.#apart.set(apart, runs)
    this.#records += 1
    let run: PurgedRun = {
      writer,
      from: sequence,
      to: sequence,
      previous,
      hash: envelopeHash(envelope),
    }
    if (runs.byFrom.has(sequence) || runs.byTo.has(sequence)) return
    const before = runs.byTo.get(sequence - 1)
    // Joined only where one follows on the other: what does not is for the verifier to name.
    if (before !== undefined && before.hash === previous) {
      runs.byTo.delete(before.to)
      run = { ...run, from: before.from, previous: before.previous }
    }
    const after = runs.byFrom.get(sequence + 1)
    if (after !== undefined && after.previous === run.hash) {
      runs.byFrom.delete(after.from)
      run = { ...run, to: after.to, hash: after.hash }
    }
    runs.byFrom.set(run.from, run)
    runs.byTo.set(run.to, run)
  }

  /** By writer, each writer's in order. */
  runs(): readonly PurgedRun[] {
    const all = [...this.#apart.values()].flatMap(({ byFrom }) => [...byFrom.values()])
    const byWriter = Map.groupBy(all, ({ writer }) => writer)
    return [...byWriter.values()].flatMap((runs) => runs.toSorted((a, b) => a.from - b.from))
  }
}
