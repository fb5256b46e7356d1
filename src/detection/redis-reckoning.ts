/** What an instance knows of how far the counters in Redis have come, so that it notices where they have gone back. */
import { randomUUID } from 'node:crypto'
import { MOMENT_MS } from './loss-script.ts'

export class RedisReckoning {
  readonly #instance = randomUUID()
  readonly #notes: (note: string) => void
  #epoch = ''
  #steps = 0
  #atMs = 0
  /** The epoch that was told of last: what was under way when all was lost would tell of it again. */
  #told = ''

  constructor(notes: (note: string) => void) {
    this.#notes = notes
  }

  /** The keys that each script begins with. */
  keys(prefix: string): readonly string[] {
    return [`${prefix}epoch`, `${prefix}steps:${this.#instance}`]
  }

  /** And its values. */
  values(): readonly (string | number)[] {
    // Another each time: what is begun anew is never taken for what there was.
    return [this.#epoch, this.#steps, this.#atMs, randomUUID()]
  }

  /** Takes what a script answered; false where that is no answer. */
  learn(reply: unknown): boolean {
    if (!Array.isArray(reply)) return false
    const [epoch, steps, atMs, gone, begins, fresh, all]: readonly unknown[] = reply
    if (typeof epoch !== 'string' || typeof steps !== 'number' || typeof atMs !== 'number')
      return false
    if (this.#epoch === '' && fresh === 1)
      this.#notes('Redis has no look-up counts; counting begins now')
    const isTold = all === 1 && epoch === this.#told
    if (typeof gone === 'number' && gone > 0 && !isTold)
      this.#notes(lossNote(gone, begins === 1, all === 1))
    if (all === 1) this.#told = epoch
    // Answers may come in another order than they were given in.
    if (steps > this.#steps) {
      this.#epoch = epoch
      this.#steps = steps
      this.#atMs = atMs
    }
    return true
  }
}

function lossNote(gone: number, begins: boolean, all: boolean): string {
  const what = `Redis has lost look-up counts: ${gone} steps of this instance are gone`
  if (begins)
    return `${what}; windows are not known until they have filled again, or celosia unblock --lost-counts`
  return all
    ? `${what}, with all others; another instance has told of it`
    : `${what}, of at most ${MOMENT_MS / 1_000} seconds`
}
