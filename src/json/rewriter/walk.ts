/** The state of one document's walk: where it stands, what is open, what the item at hand consists of. */
import { STATE_TOP } from '../automaton/automaton.ts'
import type { Automaton, AutomatonHolder } from '../automaton/automaton.ts'
import { COLUMN_OTHER } from '../automaton/key-table.ts'
import type { State } from '../automaton/state.ts'
import { Budget } from '../evaluate/budget.ts'
import type { Limits } from '../limits.ts'
import type { ProgramSource } from '../program-source.ts'
import * as flags from './flags.ts'
import { HeldRange } from './held-range.ts'
import { Output } from './output.ts'
import { PendingCounts } from './pending-counts.ts'
import { ScopeTracker } from './scopes.ts'
import type { Bytes } from './skip-value.ts'
import { Utf8Check } from './utf8-check.ts'

const { ABOVE_ROOT, FIRST, FOREIGN, OBJECT } = flags

/** Numbers kept for each open container: state, flags, children seen, elements of the array. */
export const LEVEL_SIZE = 4
const LEVEL_LENGTH = 3
/** Levels that a walk has room for at first. */
const LEVELS_MIN = 32
/** {@link Walk.dropping} where nothing is dropped. */
export const NOT_DROPPING = -1

const NO_BYTES = Buffer.alloc(0)

/** See the file. Changed by the functions of this folder only. */
export class Walk implements Bytes {
  bytes: Buffer = NO_BYTES
  #view: DataView | undefined
  length = 0
  /** Nothing comes after the bytes at hand. */
  last = false
  /** Where to go on. Everything before it is decided. */
  at = 0
  /** Containers that are open; also how deep the item at hand lies, the root being 0. */
  depth = 0
  /** The state, flags and children seen of the innermost open container. */
  state = STATE_TOP
  flags = FIRST | ABOVE_ROOT
  index = 0
  /** The link of its children whose names no query has; negative where it is to be found out. */
  unnamed = 0
  /** Lengths of the names that its state waits for, as bits. */
  nameLengths = 0
  /** What is kept of the containers around it, LEVEL_SIZE numbers each. */
  stack: Int32Array = new Int32Array(LEVELS_MIN * LEVEL_SIZE)
  #own: Int32Array = this.stack
  /** What the scanner noted and an operator's want of keys has left undone. */
  noted: Int32Array | undefined
  /** `at` is inside of a string that needs no treatment any more. */
  inString = false
  /** The depth of the value that is being dropped. */
  dropping = NOT_DROPPING
  /** Key ids that a transform asks for. */
  needed: readonly string[] | undefined

  /** Of the item at hand: where its comma or, without one, itself begins; its value. */
  lead = 0
  valueStart = 0
  /** -1 as long as the end of a string is not there. */
  valueEnd = 0
  /** The column of its name. */
  column = COLUMN_OTHER
  /** Flags that the container just opened has besides those of its kind. */
  openFlags = 0

  automaton: Automaton
  readonly holder: AutomatonHolder
  readonly limits: Limits
  readonly output = new Output(NO_BYTES)
  readonly held: HeldRange
  readonly scopes: ScopeTracker
  readonly counts: PendingCounts
  readonly utf8 = new Utf8Check()
  budget: Budget

  constructor(source: ProgramSource, holder: AutomatonHolder) {
    const { limits, counterCount, scopedCounters } = source
    this.holder = holder
    this.automaton = holder.current
    this.readState()
    this.limits = limits
    this.held = new HeldRange(limits)
    this.scopes = new ScopeTracker(counterCount, limits.scopeIdsMax, scopedCounters)
    this.counts = new PendingCounts(counterCount, limits)
    this.budget = new Budget(limits.filterStepsMax)
  }

  /** Over the bytes at hand. */
  get view(): DataView {
    const { bytes } = this
    this.#view ??= new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    return this.#view
  }

  /** True after a whole document with nothing but white space behind it. */
  get complete(): boolean {
    return (
      this.depth === 0 && (this.flags & FIRST) === 0 && !this.inString && this.at === this.length
    )
  }

  /** True where nothing that is passed over leaves. */
  get dropped(): boolean {
    return this.dropping !== NOT_DROPPING
  }

  /** Elements of the innermost open container, where its state asks for them. */
  get arrayLength(): number {
    return this.stack[this.depth * LEVEL_SIZE + LEVEL_LENGTH] as number
  }

  /** Takes over what is looked up of the state of the innermost open container. */
  readState(): void {
    const { automaton, state } = this
    this.unnamed = automaton.unnamed(state, (this.flags & OBJECT) !== 0)
    this.nameLengths = automaton.nameLengths[state] as number
  }

  /** What the state with this number means. */
  stateAt(state: number): State {
    return this.automaton.states[state] as State
  }

  /** Goes on with other bytes; they begin with what `at` stood at. */
  load(bytes: Buffer, last: boolean): void {
    this.bytes = bytes
    this.#view = undefined
    this.length = bytes.length
    this.last = last
    this.at = 0
    this.held.forget()
    this.output.begin(bytes)
  }

  /** Keeps what the innermost open container goes on with while another one is open in it. */
  push(): void {
    const level = this.depth * LEVEL_SIZE
    if (level + 2 * LEVEL_SIZE > this.stack.length) this.stack = doubled(this.stack)
    const { stack } = this
    stack[level] = this.state
    stack[level + 1] = this.flags & ~(FIRST | FOREIGN)
    stack[level + 2] = this.index + 1
  }

  /** Keeps open containers where others see them, until {@link ownStack}. */
  shareStack(shared: Int32Array): void {
    this.#own = this.stack
    copyLevels(this.stack, shared, this.depth)
    this.stack = shared
  }

  ownStack(): void {
    const shared = this.stack
    this.stack = this.#own
    while (this.stack.length < (this.depth + 2) * LEVEL_SIZE) this.stack = doubled(this.stack)
    copyLevels(shared, this.stack, this.depth)
  }

  /** Says how many elements the container has that is about to be opened. */
  setLengthInside(elements: number): void {
    this.push()
    this.stack[(this.depth + 1) * LEVEL_SIZE + LEVEL_LENGTH] = elements
  }

  /** Begins with another document. Nothing of the one before is kept but room. */
  reset(): void {
    this.output.reset()
    this.load(NO_BYTES, false)
    this.depth = 0
    this.state = STATE_TOP
    this.flags = FIRST | ABOVE_ROOT
    this.index = 0
    this.readState()
    this.inString = false
    this.noted = undefined
    this.dropping = NOT_DROPPING
    this.needed = undefined
    this.held.end()
    this.scopes.reset()
    this.counts.discard()
    this.budget = new Budget(this.limits.filterStepsMax)
    this.utf8.reset()
  }

  /** Begins a new automaton where the one in use is full. */
  renewAutomaton(): void {
    this.#moveTo(this.holder.renew())
  }

  /** Moves over where another document began a new automaton. True where it did. */
  syncAutomaton(): boolean {
    if (this.holder.current === this.automaton) return false
    this.#moveTo(this.holder.current)
    return true
  }

  #moveTo(automaton: Automaton): void {
    const from = this.automaton
    const moved = (state: number): number =>
      state === STATE_TOP ? STATE_TOP : automaton.adopt(from.states[state] as State)
    const { stack } = this
    for (let level = 0; level < this.depth * LEVEL_SIZE; level += LEVEL_SIZE) {
      stack[level] = moved(stack[level] as number)
    }
    this.state = moved(this.state)
    this.automaton = automaton
    this.readState()
    automaton.makeRoom()
  }
}

function copyLevels(from: Int32Array, to: Int32Array, depth: number): void {
  const end = (depth + 1) * LEVEL_SIZE
  for (let at = 0; at < end; at += 1) to[at] = from[at] as number
}

function doubled(from: Int32Array): Int32Array {
  const to = new Int32Array(from.length * 2)
  to.set(from)
  return to
}
