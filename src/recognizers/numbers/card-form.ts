/** Whether groups of digits stand as they do on cards, asked for one group more at a time. */
import type { NumberRun } from './number-run.ts'

const PRINTED_SIZE = 4
/** The middle one of three groups, on cards of American Express and Diners Club. */
const MIDDLE_SIZE = 6

/** See the file. */
export class CardForm {
  #groups = 0
  /** Of the first group, and of the last one. */
  #size = 0
  #lastSize = 0
  #secondSize = 0
  /** Whether all groups but the last one are of the first one's size. */
  #isEven = true
  /** The sign between groups; 0 where there was none yet. A line may be broken at any of them. */
  #gap = 0
  #hasOneGap = true

  begin(run: NumberRun, from: number): void {
    this.#groups = 0
    this.#size = run.size(from)
    this.#isEven = true
    this.#gap = 0
    this.#hasOneGap = true
  }

  /** Takes the group before `to`. */
  add(run: NumberRun, to: number): void {
    const size = run.size(to - 1)
    if (this.#groups > 0) {
      this.#isEven &&= this.#lastSize === this.#size
      if (!run.breaksLine(to - 2)) {
        const gap = run.gap(to - 2)
        if (this.#gap === 0) this.#gap = gap
        else this.#hasOneGap &&= gap === this.#gap
      }
    }
    this.#groups += 1
    if (this.#groups === 2) this.#secondSize = size
    this.#lastSize = size
  }

  /** One group, groups of four, groups as of American Express and Diners Club, or single digits; one sign between all. */
  isUsual(): boolean {
    if (this.#groups === 1) return true
    if (!this.#hasOneGap) return false
    if (this.#size === 1) return this.#isEven && this.#lastSize === 1
    if (this.#size !== PRINTED_SIZE) return false
    if (this.#groups === 3) return this.#secondSize === MIDDLE_SIZE
    return this.#isEven && this.#lastSize <= PRINTED_SIZE
  }
}
