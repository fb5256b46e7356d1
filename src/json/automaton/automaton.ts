/**
 * The lazily built automaton of a program (the technique of RE2): a state is made when a document first leads to it.
 * Tables are bounded: where they are full, {@link AutomatonHolder} begins a new automaton and rewriters move over.
 */
import type { ProgramSource } from '../program-source.ts'
import { childLocation, mutedLocation, rootLocation } from './follow.ts'
import { COLUMN_ELEMENT } from './key-table.ts'
import { describe, keyOf, type Location, type State } from './state.ts'
import { compileSteps, type Steps } from './steps.ts'
import { TreatmentTable } from './treatments.ts'

/** The state above the root: its only child is the document. */
export const STATE_TOP = 0

/** In {@link Automaton.next}: not worked out yet. */
const NEXT_UNKNOWN = -1
/** In {@link Automaton.next}: predicates decide. */
const NEXT_ASK = -2

/** In {@link Automaton.leafWork}: something is to be done or counted. */
export const LEAF_WORK = 1
/** In {@link Automaton.leafWork}: the value must be whole to do it. */
export const LEAF_HELD = 2

/** In {@link Automaton.openWork}: something is to be done where this is an array, an object. */
const OPEN_ARRAY = 1
const OPEN_OBJECT = 2

/** Cells of the transition table (4 bytes each), whatever the number of names. */
const CELLS_MAX = 4_194_304
/** Outcomes of predicates kept, for each state allowed. */
const CHOICES_PER_STATE = 16
const OUTCOMES_IN_NUMBER = 30

const NO_VERDICTS = new Uint8Array(0)

/** The tables of one automaton. Numbers of states hold for it alone; {@link State} objects go over to another. */
export class Automaton {
  readonly plan: Steps
  readonly columns: number
  /** The state of the document's root. */
  readonly root: number
  /** [state * columns + column]: the next state; negative where {@link step} must be asked. */
  next: Int32Array
  leafWork: Uint8Array
  openWork: Uint8Array
  usesNames: Uint8Array
  readonly states: State[] = []
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
    const capacity = Math.min(16, this.#statesMax)
    this.next = new Int32Array(capacity * this.columns)
    this.leafWork = new Uint8Array(capacity)
    this.openWork = new Uint8Array(capacity)
    this.usesNames = new Uint8Array(capacity)
    const nothing = { positions: [], covered: [], leaf: [], names: [], opens: [], ids: [] }
    this.#add('top', { ...describe({ ...nothing, muted: true }, plan, treatments), muted: false })
    this.root = this.adopt(rootLocation(plan))
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

  /** True where something is to be done when a container with this state opens. */
  worksOnOpen(state: number, isObject: boolean): boolean {
    return ((this.openWork[state] as number) & (isObject ? OPEN_OBJECT : OPEN_ARRAY)) !== 0
  }

  /** Works out and keeps the next state where no predicate decides. -1 where the automaton is full. */
  step(state: number, column: number): number {
    const from = this.states[state] as State
    const to = this.#numberOf(childLocation(this.plan, from, column, NO_VERDICTS))
    if (to >= 0) this.next[state * this.columns + column] = to
    return to
  }

  /**
   * The next state where predicates decide; `verdicts` holds 1 for each one, by number, that selects the child. -1
   * where the automaton is full.
   */
  choose(state: number, column: number, verdicts: Uint8Array): number {
    const from = this.states[state] as State
    const key = choiceKey(from, column, verdicts)
    let to = from.choices.get(key)
    if (to === undefined) {
      if (this.#choices >= this.#limit * CHOICES_PER_STATE) return -1
      to = this.#numberOf(childLocation(this.plan, from, column, verdicts))
      if (to < 0) return to
      from.choices.set(key, to)
      this.#choices += 1
    }
    return to
  }

  /** The state inside of a container here that is edited whole. -1 where the automaton is full. */
  muted(state: number): number {
    const from = this.states[state] as State
    if (from.mutedAs < 0) from.mutedAs = this.#numberOf(mutedLocation(this.plan, from))
    return from.mutedAs
  }

  /** After a document in flight has moved its states here: leaves room for at least as many again. */
  makeRoom(): void {
    this.#limit = Math.max(this.#statesMax, this.states.length * 2)
  }

  /** Gives the tables back. States keep their descriptions, for those who still have to move over. */
  retire(): void {
    this.next = new Int32Array(0)
    this.#numbers.clear()
    for (const state of this.states) state.choices.clear()
  }

  #numberOf(location: Location): number {
    const known = this.#numbers.get(keyOf(location))
    if (known !== undefined) return known
    return this.states.length < this.#limit ? this.adopt(location) : -1
  }

  #add(key: string, state: State): number {
    const number = this.states.length
    if (number === this.leafWork.length) this.#grow()
    this.states.push(state)
    this.#numbers.set(key, number)
    const { onLeaf, onArray, onObject, opens, ids } = state
    const held = ids.length > 0 || onLeaf.leaf?.kind === 'transform'
    const leafWork = onLeaf.leaf !== undefined || onLeaf.counters.length > 0 || opens.length > 0
    this.leafWork[number] = (held || leafWork ? LEAF_WORK : 0) | (held ? LEAF_HELD : 0)
    const array = onArray.container !== undefined || opens.length > 0 || state.needsLength
    const object = onObject.container !== undefined || opens.length > 0
    const names = onObject.memberName !== undefined
    this.openWork[number] = (array ? OPEN_ARRAY : 0) | (object || names ? OPEN_OBJECT : 0)
    this.usesNames[number] = state.usesNames ? 1 : 0
    const row = number * this.columns
    this.next.fill(state.hasFilters ? NEXT_ASK : NEXT_UNKNOWN, row, row + this.columns)
    if (state.predicates.length > 0) this.next[row + COLUMN_ELEMENT] = NEXT_ASK
    return number
  }

  #grow(): void {
    const capacity = this.leafWork.length * 2
    const next = new Int32Array(capacity * this.columns)
    next.set(this.next)
    this.next = next
    this.leafWork = grown(this.leafWork, capacity)
    this.openWork = grown(this.openWork, capacity)
    this.usesNames = grown(this.usesNames, capacity)
  }
}

/** The automaton that is in use now. */
export class AutomatonHolder {
  readonly plan: Steps
  readonly #treatments: TreatmentTable
  readonly #statesMax: number
  current: Automaton
  /** Room for the outcome of each predicate, written and read within one step. */
  readonly verdicts: Uint8Array

  constructor(source: ProgramSource) {
    this.plan = compileSteps(source)
    this.verdicts = new Uint8Array(this.plan.predicates.length)
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

function choiceKey(from: State, column: number, verdicts: Uint8Array): number | string {
  const { predicates } = from
  if (predicates.length > OUTCOMES_IN_NUMBER) {
    return [column, ...predicates.filter((predicate) => verdicts[predicate] === 1)].join()
  }
  let mask = 0
  for (const predicate of predicates) mask = mask * 2 + (verdicts[predicate] as number)
  return column * 2 ** OUTCOMES_IN_NUMBER + mask
}

function grown(from: Uint8Array, capacity: number): Uint8Array<ArrayBuffer> {
  const to = new Uint8Array(capacity)
  to.set(from)
  return to
}
