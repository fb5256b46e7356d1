/** Counts the work of one document down, so that no document and no query can hold the event loop. */
import { strict as assert } from 'node:assert'
import { JsonWorkError } from '../errors.ts'

/** Bytes compared that count as one step; a node visited counts as one, too. */
const BYTES_COMPARED_PER_STEP = 32
/** Making a string of its bytes is far dearer: so many steps, and one for so many bytes. */
const DECODE_STEPS = 8
const BYTES_DECODED_PER_STEP = 8

/** The steps that are left for one document. Not shared between documents. */
export class Budget {
  #left: number

  /** `steps` is usually `Limits.filterStepsMax`. */
  constructor(steps: number) {
    assert(Number.isSafeInteger(steps) && steps >= 0, 'steps are counted')
    this.#left = steps
  }

  get left(): number {
    return this.#left
  }

  /** Takes steps off. Throws a JsonWorkError where not as many are left; so does every later call. */
  spend(steps: number): void {
    this.#left -= steps
    if (this.#left < 0) throw new JsonWorkError()
  }

  /** Takes off what comparing so many bytes costs, and one step. */
  spendComparison(bytes: number): void {
    this.spend(1 + Math.floor(bytes / BYTES_COMPARED_PER_STEP))
  }

  /** Takes off what decoding so many bytes to a string costs. */
  spendDecoding(bytes: number): void {
    this.spend(DECODE_STEPS + Math.floor(bytes / BYTES_DECODED_PER_STEP))
  }
}
