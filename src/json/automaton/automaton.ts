/**
 * The lazily built automaton of a program (the technique of RE2): a state is made when a document first leads to it.
 * Tables are bounded: where they are full, {@link AutomatonHolder} begins a new automaton and rewriters move over.
 */
import type { ProgramSource } from '../program-source.ts'
import { childLocation, mutedLocation, rootLocation } from './follow.ts'
import { COLUMN_ELEMENT, COLUMN_OTHER } from './key-table.ts'
import { linkTo } from './link.ts'
import { describe, keyOf, type Location, type State } from './state.ts'
import { compileSteps, type Steps } from './steps.ts'
import { TreatmentTable } from './treatments.ts'

/** The state above the root: its only child is the document. */
export const STATE_TOP = 0

/** In {@link Automaton.next}: not worked out yet. */
const NEXT_UNKNOWN = -1
/** In {@link Automaton.next}: predicates decide. */
const NEXT_ASK = -2

/** Cells of the transition table (8 bytes each), whatever the number of names. */
const CELLS_MAX = 2_097_152
/** Outcomes of predicates kept, for each state allowed. */
const CHOICES_PER_STATE = 16
/** Predicates whose outcomes, with the column, make a small integer. */
const OUTCOMES_IN_NUMBER = 12

const NO_VERDICTS: readonly number[] = []

/** A copy of the table for those who read it elsewhere. */
export interface RowMirror {
  /** Copies the row of a state. False where there is no room. */
  readonly add: (automaton: Automaton, state: number) => boolean
  readonly set: (state: number, column: number, link: number) => void
}

/** The tables of one automaton. Numbers of states hold for it alone; {@link State} objects go over to another. */
export class Automaton {
  readonly plan: Steps
  readonly columns: number
  /** The link to the document's root. */
  readonly root: number
  /**
   * [state * columns + column]: the link to the next state; negative where {@link step} or {@link choose} must be asked.
   * A plain array: where memory of any typed array was ever given away, each look into one takes three loads more.
   */
  next: number[] = []
  readonly states: State[] = []
  /** For each state, State.nameLengths. */
  readonly nameLengths: number[] = []
  /** Kept up to date here, made by whoever wants it. */
  mirror: RowMirror | undefined
  readonly #links: number[] = []
  readonly #treatments: TreatmentTable
  readonly #numbers = new Map<string, number>()
  readonly #statesMax: number
  #choices = 0
  /** States above which this automaton is full; grows where a deep document needs more to move over. */
  #limit: number

  constructor(plan: Steps, treatments: TreatmentTable, statesMax: number) {
    this.plan = plan
    this.columns = plan.keys.columns
    this.#treatments = treatments
    this.#statesMax = Math.max(2, Math.min(statesMax, Math.floor(CELLS_MAX / this.columns)))
    this.#limit = this.#statesMax
    const nothing = { positions: [], covered: [], leaf: [], names: [], opens: [], ids: [] }
    const top = { ...nothing, muted: true, place: undefined }
    this.#add('top', { ...describe(top, plan, treatments), muted: false })
    this.root = this.linkOf(this.adopt(rootLocation(plan)))
    this.next.fill(plan.needsDocument ? NEXT_ASK : this.root, 0, this.columns)
  }

  /** The number of this location's state, made if need be, also where the automaton is full. */
  adopt(location: Location): number {
    const key = keyOf(location)
    return this.#numbers.get(key) ?? this.#add(key, describe(location, this.plan, this.#treatments))
  }

  /** True where predicates must be evaluated before {@link choose}. */
  asks(state: number, column: number): boolean {
    return this.next[state * this.columns + column] === NEXT_ASK
  }

  /** The link for a child in this column; negative where {@link step} or {@link choose} must be asked. */
  linkFor(state: number, column: number): number {
    return this.next[state * this.columns + column] as number
  }

  /** The link for children whose names no query has; negative where {@link step} or {@link choose} must be asked. */
  unnamed(state: number, isObject: boolean): number {
    const column = isObject ? COLUMN_OTHER : COLUMN_ELEMENT
    return this.next[state * this.columns + column] as number
  }

  /** The link to a state of this automaton. */
  linkOf(state: number): number {
    return this.#links[state] as number
  }

  /** Works out and keeps the link to the next state where no predicate decides. -1 where the automaton is full. */
  step(state: number, column: number): number {
    const known = this.next[state * this.columns + column] as number
    if (known >= 0) return known
    const from = this.states[state] as State
    const to = this.#linkTo(childLocation(this.plan, from, column, NO_VERDICTS))
    if (to >= 0) {
      this.next[state * this.columns + column] = to
      this.mirror?.set(state, column, to)
    }
    return to
  }

  /**
   * The link to the next state where predicates decide; `verdicts` holds 1 for each one, by number, that selects the child. -1
   * where the automaton is full.
   */
  choose(state: number, column: number, verdicts: readonly number[]): number {
    const from = this.states[state] as State
    const key = choiceKey(from, column, verdicts)
    let to = from.choices.get(key)
    if (to === undefined) {
      if (this.#choices >= this.#limit * CHOICES_PER_STATE) return -1
      to = this.#linkTo(childLocation(this.plan, from, column, verdicts))
      if (to < 0) return to
      from.choices.set(key, to)
      this.#choices += 1
    }
    return to
  }

  /** The link to the state inside of a container here that is edited whole. -1 where the automaton is full. */
  muted(state: number): number {
    const from = this.states[state] as State
    if (from.mutedAs < 0) from.mutedAs = this.#linkTo(mutedLocation(this.plan, from))
    return from.mutedAs
  }

  /** After a document in flight has moved its states here: leaves room for at least as many again. */
  makeRoom(): void {
    this.#limit = Math.max(this.#statesMax, this.states.length * 2)
  }

  /** Gives the tables back. States keep their descriptions, for those who still have to move over. */
  retire(): void {
    this.next = []
    this.mirror = undefined
    this.#numbers.clear()
    for (const state of this.states) state.choices.clear()
  }

  #linkTo(location: Location): number {
    const known = this.#numbers.get(keyOf(location))
    if (known !== undefined) return this.linkOf(known)
    return this.states.length < this.#limit ? this.linkOf(this.adopt(location)) : -1
  }

  #add(key: string, state: State): number {
    const number = this.states.length
    this.states.push(state)
    this.nameLengths.push(state.nameLengths)
    this.#links.push(linkTo(number, state))
    this.#numbers.set(key, number)
    const names = state.hasFilters ? NEXT_ASK : NEXT_UNKNOWN
    this.next.push(state.predicates.length > 0 ? NEXT_ASK : NEXT_UNKNOWN)
    for (let column = COLUMN_ELEMENT + 1; column < this.columns; column += 1) this.next.push(names)
    if (this.mirror?.add(this, number) === false) this.mirror = undefined
    return number
  }
}

/** The automaton that is in use now. */
export class AutomatonHolder {
  readonly plan: Steps
  readonly #treatments: TreatmentTable
  readonly #statesMax: number
  current: Automaton
  /** Room for the outcome of each predicate, written and read within one step. */
  readonly verdicts: number[]

  constructor(source: ProgramSource) {
    this.plan = compileSteps(source)
    this.verdicts = this.plan.predicates.map(() => 0)
    this.#treatments = new TreatmentTable(source)
    this.#statesMax = source.limits.statesMax
    this.current = new Automaton(this.plan, this.#treatments, this.#statesMax)
  }

  /** Puts an empty automaton in the place of a full one. */
  renew(): Automaton {
    this.current.retire()
    this.current = new Automaton(this.plan, this.#treatments, this.#statesMax)
    return this.current
  }
}

function choiceKey(from: State, column: number, verdicts: readonly number[]): number | string {
  const { predicates } = from
  if (predicates.length > OUTCOMES_IN_NUMBER) {
    return [column, ...predicates.filter((predicate) => verdicts[predicate] === 1)].join()
  }
  let key = column
  for (const predicate of predicates) key = key * 2 + (verdicts[predicate] as number)
  return key
}
