/** Numbers in the national form of one of the declared countries. */
import assert from 'node:assert/strict'
import { numberOf } from './digits.ts'
import { validLengths } from './phone-plans.ts'
import type { PhonePlan } from './phone-plans.ts'

/** Digits by which it is known which of the plans a number may be of. */
const PREFIX_DIGITS = 3

/** A plan as numbers that begin with the same digits may be of it. */
interface Candidate {
  readonly plan: PhonePlan
  /** Digits of the trunk prefix that the number is written with. */
  readonly trunk: number
}

/** What a number may be that begins with the same digits. */
interface Prefix {
  /** In the order of the plans, with the trunk prefix first. */
  readonly candidates: readonly Candidate[]
  /** See {@link DeclaredPlans.possible}. */
  readonly possible: number
}

/** See the file. Keeps what it found of the digits that it was asked for last. */
export class DeclaredPlans {
  readonly #plans: readonly PhonePlan[]
  /** Filled as they come up. */
  readonly #prefixes: (Prefix | undefined)[] = Array.from({ length: 10 ** PREFIX_DIGITS })
  /** Bit n: a number in national form may be written with n digits. */
  readonly lengths: number
  /** Bit n is set where the first n digits are a valid number, the first of whose countries has them with its trunk prefix. */
  withTrunk = 0
  /** The same without the prefix. */
  valid = 0
  /** Bit n is set where n digits that begin so are as long as a number of one of the countries. */
  possible = 0

  constructor(plans: readonly PhonePlan[]) {
    for (const { trunk, country } of plans) {
      assert.ok(
        trunk.length <= PREFIX_DIGITS,
        `the trunk prefix of ${country} is in its first digits`,
      )
    }
    this.#plans = plans
    this.lengths = plans.reduce(
      (all, { trunk, trunkNeeded, lengths }) =>
        all | (trunk === '' ? 0 : lengths << trunk.length) | (trunkNeeded ? 0 : lengths),
      0,
    )
  }

  /** Looks at `values[from]` to `values[to - 1]`, which are three digits or more. */
  look(values: Uint8Array, from: number, to: number): void {
    const number = numberOf(values, from, from + PREFIX_DIGITS)
    const prefix = this.#prefixes[number] ?? this.#learn(number)
    let withTrunk = 0
    let valid = 0
    for (let index = 0; index < prefix.candidates.length; index += 1) {
      const { plan, trunk } = prefix.candidates[index] as Candidate
      const bits = validLengths(plan, values, from + trunk, to) << trunk
      if (trunk > 0) withTrunk |= bits & ~valid
      else valid |= bits & ~withTrunk
    }
    this.withTrunk = withTrunk
    this.valid = valid
    this.possible = prefix.possible
  }

  /** True where all of these digits are a valid number. */
  isValid(values: Uint8Array, from: number, to: number): boolean {
    this.look(values, from, to)
    return ((this.withTrunk | this.valid) & (1 << (to - from))) !== 0
  }

  #learn(number: number): Prefix {
    const digits = String(number).padStart(PREFIX_DIGITS, '0')
    const values = Uint8Array.from(digits, Number)
    const candidates: Candidate[] = []
    let possible = 0
    for (const plan of this.#plans) {
      const { trunk, trunkNeeded, lengths, automaton } = plan
      if (trunk !== '' && digits.startsWith(trunk)) {
        possible |= lengths << trunk.length
        if (automaton.mayBegin(values, trunk.length, PREFIX_DIGITS)) {
          candidates.push({ plan, trunk: trunk.length })
        }
      }
      if (!trunkNeeded) {
        possible |= lengths
        if (automaton.mayBegin(values, 0, PREFIX_DIGITS)) candidates.push({ plan, trunk: 0 })
      }
    }
    const prefix = { candidates, possible }
    this.#prefixes[number] = prefix
    return prefix
  }
}
