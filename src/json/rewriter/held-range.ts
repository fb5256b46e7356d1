/** A value of which every byte is at hand, with its tape: filters and lengths in it are decided over that. */
import type { Budget } from '../evaluate/budget.ts'
import type { Run } from '../evaluate/run.ts'
import type { Limits } from '../limits.ts'
import { TapeBuilder, type Tape } from '../tape/tape.ts'

/** Candidates that may lie one in the other before a tape is built, lest each is looked over again. */
const LOOK_AHEADS_MAX = 2

/** The outermost value held at the moment. Positions are in the bytes at hand. */
export class HeldRange {
  /** The tape's node that filters are to be asked about. */
  candidate = 0
  readonly #limits: Limits
  #builder: TapeBuilder | undefined
  #tape: Tape | undefined
  #run: Run | undefined
  #start = 0
  #end = 0
  /** The node found last; values are asked for in the order of the document. */
  #cursor = 0
  /** Where values that were looked over end, outermost first; `#lookAheadCount` of them. */
  readonly #lookAheads = [0, 0]
  #lookAheadCount = 0

  constructor(limits: Limits) {
    this.#limits = limits
  }

  /** Other bytes are at hand. */
  forget(): void {
    this.#tape = undefined
    this.#lookAheadCount = 0
  }

  /** The document is done with: what was made for it goes. */
  end(): void {
    this.forget()
    this.#builder = undefined
    this.#run = undefined
  }

  /** True where the value at `position` is part of what is held. */
  covers(position: number): boolean {
    return this.#tape !== undefined && position >= this.#start && position < this.#end
  }

  /** Holds the value from `start` to `end`, which has been checked. */
  hold(bytes: Uint8Array, start: number, end: number): void {
    this.#builder ??= new TapeBuilder(this.#limits)
    this.#tape = this.#builder.build(bytes, start, end)
    this.#run = undefined
    this.#start = start
    this.#end = end
    this.#cursor = 0
  }

  /** The node of the value that begins at `position`, which is held. */
  nodeAt(position: number): number {
    const { start } = this.#tape as Tape
    while ((start[this.#cursor] as number) < position) this.#cursor += 1
    return this.#cursor
  }

  /** Children of the container that begins at `position`, which is held. */
  childCount(position: number): number {
    const { next } = this.#tape as Tape
    const node = this.nodeAt(position)
    const after = next[node] as number
    let count = 0
    for (let child = node + 1; child < after; child = next[child] as number) count += 1
    return count
  }

  /** What filters are run over. Where a filter asks from the root, the document is what is held. */
  run(budget: Budget): Run {
    this.#run ??= { tape: this.#tape as Tape, root: 0, budget }
    return this.#run
  }

  /** True where a value at `position` may be looked over without a tape. */
  allowsLookAhead(position: number): boolean {
    if (this.covers(position)) return false
    let count = this.#lookAheadCount
    while (count > 0 && (this.#lookAheads[count - 1] as number) <= position) count -= 1
    this.#lookAheadCount = count
    return count < LOOK_AHEADS_MAX
  }

  /** The value at hand has been looked over to `end`. */
  lookedTo(end: number): void {
    this.#lookAheads[this.#lookAheadCount] = end
    this.#lookAheadCount += 1
  }
}
