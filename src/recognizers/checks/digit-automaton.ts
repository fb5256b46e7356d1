/**
 * An expression of digits as an automaton, whose states are made as they come up: one walk over digits tells for each number of
 * them whether the expression matches so many.
 */
import { OP_JUMP, OP_MATCH, OP_SET, OP_SPLIT } from '../../json/regexp/program.ts'
import type { RegexpProgram } from '../../json/regexp/program.ts'

/** States that are kept; with more all are made anew. The largest expression of libphonenumber-js has a third of them. */
const STATES_MAX = 1_024
const STATES_AT_FIRST = 16
const DIGITS = 10
const ZERO = 0x30
const UNKNOWN = -1
/** Nothing matches any more. */
const DEAD = 0
const START = 1

/** See the file. */
export class DigitAutomaton {
  readonly #program: RegexpProgram
  /** By state: the instructions that pass a digit. */
  #places: (readonly number[])[] = []
  #known = new Map<string, number>()
  #next = new Int16Array(0)
  #matches = new Uint8Array(0)

  constructor(program: RegexpProgram) {
    this.#program = program
    this.#reset()
  }

  /** How many states it has so far. */
  get states(): number {
    return this.#places.length
  }

  /** Bit n is set where the first n of `values[from]` to `values[to - 1]` match; at most 31. */
  matches(values: Uint8Array, from: number, to: number): number {
    let state = START
    let matches = 0
    for (let at = from; at < to; at += 1) {
      const digit = values[at] as number
      const next = this.#next[state * DIGITS + digit] as number
      state = next === UNKNOWN ? this.#make(state, digit) : next
      if (state === DEAD) return matches
      matches |= (this.#matches[state] as number) << (at - from + 1)
    }
    return matches
  }

  /** True where digits that go on from these may match. */
  mayBegin(values: Uint8Array, from: number, to: number): boolean {
    let state = START
    for (let at = from; at < to && state !== DEAD; at += 1) {
      const digit = values[at] as number
      const next = this.#next[state * DIGITS + digit] as number
      state = next === UNKNOWN ? this.#make(state, digit) : next
    }
    return state !== DEAD
  }

  #reset(): void {
    this.#places = []
    this.#known = new Map()
    this.#next = new Int16Array(STATES_AT_FIRST * DIGITS)
    this.#matches = new Uint8Array(STATES_AT_FIRST)
    this.#add([], 0)
    this.#next.fill(DEAD, DEAD, DIGITS)
    // Whatever it matches, the start is a state of its own.
    this.#enter([0])
  }

  /** The state behind a digit, which was not asked for before. */
  #make(state: number, digit: number): number {
    const { first, sets } = this.#program
    const unit = ZERO + digit
    const passed = (this.#places[state] ?? []).flatMap((place) =>
      sets[first[place] as number]?.ascii[unit] === 1 ? [place + 1] : [],
    )
    if (this.#places.length === STATES_MAX) {
      this.#reset()
      return this.#enter(passed)
    }
    const next = this.#enter(passed)
    this.#next[state * DIGITS + digit] = next
    return next
  }

  /** The state of all that is reached from these instructions without a digit. */
  #enter(from: readonly number[]): number {
    const { operations, first, second } = this.#program
    const pending = [...from]
    const seen = new Set<number>()
    const places: number[] = []
    let matches = 0
    for (let place = pending.pop(); place !== undefined; place = pending.pop()) {
      if (seen.has(place)) continue
      seen.add(place)
      const operation = operations[place]
      if (operation === OP_SET) places.push(place)
      else if (operation === OP_MATCH) matches = 1
      else if (operation === OP_JUMP) pending.push(first[place] as number)
      else if (operation === OP_SPLIT) pending.push(first[place] as number, second[place] as number)
    }
    if (places.length === 0 && matches === 0) return DEAD
    const key = `${matches} ${places.toSorted((a, b) => a - b).join(' ')}`
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const state = this.#add(places, matches)
    this.#known.set(key, state)
    return state
  }

  #add(places: readonly number[], matches: number): number {
    const state = this.#places.push(places) - 1
    if (state === this.#matches.length) {
      const [next, flags] = [this.#next, this.#matches]
      this.#next = new Int16Array(next.length * 2)
      this.#next.set(next)
      this.#matches = new Uint8Array(flags.length * 2)
      this.#matches.set(flags)
    }
    this.#next.fill(UNKNOWN, state * DIGITS, (state + 1) * DIGITS)
    this.#matches[state] = matches
    return state
  }
}
