/** What an operator counts while it works: it counts for good only when its answer is final. */
import { strict as assert } from 'node:assert'
import type { Limits } from '../limits.ts'
import type { EditContext, Reader } from '../program-source.ts'
import type { ScopeTracker } from './scopes.ts'

/** The context that operators are given, and the counts that wait. */
export class PendingCounts implements EditContext {
  readonly limits: Limits
  readonly count: (counter: number, by: number) => void
  reader: Reader | undefined
  /** Pairs of counter and amount. */
  #waiting: number[] | undefined

  constructor(counterCount: number, limits: Limits) {
    this.limits = limits
    this.count = (counter, by) => {
      assert(Number.isInteger(counter) && counter >= 0 && counter < counterCount, 'no such counter')
      assert(Number.isSafeInteger(by) && by >= 0, 'counts only go up')
      this.#waiting ??= []
      this.#waiting.push(counter, by)
    }
  }

  /** Forgets what waits: the operator will be asked again. */
  discard(): void {
    this.#waiting = undefined
  }

  /** Takes what waits out, to be given to {@link commit} when its scope is open. */
  take(): readonly number[] | undefined {
    const waiting = this.#waiting
    this.#waiting = undefined
    return waiting
  }

  /** Counts for good, in the innermost open scope. */
  commit(waiting: readonly number[] | undefined, scopes: ScopeTracker): void {
    if (waiting === undefined) return
    for (let at = 0; at < waiting.length; at += 2) {
      scopes.count(waiting[at] as number, waiting[at + 1] as number)
    }
  }
}
