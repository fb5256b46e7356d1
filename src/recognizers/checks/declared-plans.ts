/** Numbers in the national form of one of the declared countries. */
import { validLengths } from './phone-plans.ts'
import type { PhonePlan } from './phone-plans.ts'

interface Plan extends PhonePlan {
  /** The digits of the trunk prefix. */
  readonly trunkValues: readonly number[]
}

/** See the file. Keeps what it found of the digits that it was asked for last. */
export class DeclaredPlans {
  readonly #plans: readonly Plan[]
  /** Bit n: a number in national form may be written with n digits. */
  readonly lengths: number
  /** Bit n is set where the first n digits are a valid number, the first of whose countries has them with its trunk prefix. */
  withTrunk = 0
  /** The same without the prefix. */
  valid = 0
  /** Bit n is set where n digits that begin so are as long as a number of one of the countries. */
  possible = 0

  constructor(plans: readonly PhonePlan[]) {
    this.#plans = plans.map((plan) => ({ ...plan, trunkValues: Array.from(plan.trunk, Number) }))
    this.lengths = plans.reduce(
      (all, { trunk, trunkNeeded, lengths }) =>
        all | (trunk === '' ? 0 : lengths << trunk.length) | (trunkNeeded ? 0 : lengths),
      0,
    )
  }

  /** Looks at `values[from]` to `values[to - 1]`. */
  look(values: Uint8Array, from: number, to: number): void {
    let withTrunk = 0
    let valid = 0
    let possible = 0
    const plans = this.#plans
    for (let index = 0; index < plans.length; index += 1) {
      const plan = plans[index] as Plan
      const { trunkValues, trunkNeeded, lengths } = plan
      const trunk = trunkValues.length
      if (trunk > 0 && beginsWith(values, from, trunkValues)) {
        possible |= lengths << trunk
        withTrunk |= (validLengths(plan, values, from + trunk, to) << trunk) & ~valid
      }
      if (!trunkNeeded) {
        possible |= lengths
        valid |= validLengths(plan, values, from, to) & ~withTrunk
      }
    }
    this.withTrunk = withTrunk
    this.valid = valid
    this.possible = possible
  }

  /** True where all of these digits are a valid number. */
  isValid(values: Uint8Array, from: number, to: number): boolean {
    this.look(values, from, to)
    return ((this.withTrunk | this.valid) & (1 << (to - from))) !== 0
  }
}

function beginsWith(values: Uint8Array, from: number, digits: readonly number[]): boolean {
  for (let index = 0; index < digits.length; index += 1) {
    if (values[from + index] !== digits[index]) return false
  }
  return true
}
