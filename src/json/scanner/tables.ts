/**
 * The tables of automata in the memory of the scanner. They are copies: what is worked out is written in both places. Where
 * the room is used up everything is dropped, and each table comes back when it is next needed.
 */
import type { Automaton, RowMirror } from '../automaton/automaton.ts'
import type { KeyTable } from '../automaton/key-table.ts'
import type { State } from '../automaton/state.ts'
import { AtomTables } from './atom-tables.ts'
import * as layout from './layout.ts'

const { NAME_NUMBERS, REGISTER } = layout

/** States that a new table has room for beyond those there are. */
const SPARE_STATES = 16
/** Room for atoms of states, where there are filters. */
const ATOMS_BYTES = 16_384
const CHOICES_BYTES = layout.CHOICES * layout.CHOICE_NUMBERS * 4

/** One automaton's table, its names, the atoms of its filters and what these decided. */
class Mirror implements RowMirror {
  /** Numbers of a row. */
  readonly stride: number
  readonly slotsAt: number
  readonly slotMask: number
  readonly namesAt: number
  readonly choicesAt: number
  readonly rowsAt: number
  readonly #rows: Int32Array
  readonly #statesMax: number
  readonly #atoms: AtomTables | undefined
  readonly #choices: Int32Array
  #choicesUsed = 0

  constructor(memory: ArrayBuffer, at: number, { automaton, statesMax }: Placed) {
    const { keys } = automaton.plan
    const names = writeNames(memory, at, keys)
    this.slotsAt = at
    this.slotMask = keys.slots.length - 1
    this.namesAt = names.at
    this.choicesAt = names.end
    const filters = hasFilters(automaton)
    this.#choices = new Int32Array(memory, names.end, filters ? CHOICES_BYTES / 4 : 0).fill(0)
    const atomsAt = names.end + this.#choices.byteLength
    this.#atoms = filters ? new AtomTables(memory, atomsAt, atomsAt + ATOMS_BYTES) : undefined
    this.rowsAt = atomsAt + (filters ? ATOMS_BYTES : 0)
    this.stride = automaton.columns + layout.ROW_HEAD
    this.#statesMax = statesMax
    this.#rows = new Int32Array(memory, this.rowsAt, this.stride * statesMax)
    for (let state = 0; state < automaton.states.length; state += 1) this.add(automaton, state)
  }

  add(automaton: Automaton, state: number): boolean {
    if (state >= this.#statesMax) return false
    const row = state * this.stride
    const { atoms, nameLengths, nameInitials } = automaton.states[state] as State
    this.#rows[row] = nameLengths
    this.#rows[row + 1] = this.#atomsAt(automaton, atoms)
    this.#rows[row + 2] = nameInitials
    const from = state * automaton.columns
    for (let column = 0; column < automaton.columns; column += 1) {
      this.set(state, column, automaton.next[from + column] as number)
    }
    return true
  }

  set(state: number, column: number, link: number): void {
    this.#rows[state * this.stride + layout.ROW_HEAD + column] = link
  }

  #atomsAt({ plan }: Automaton, atoms: State['atoms']): number {
    if (atoms === undefined || this.#atoms === undefined) return 0
    const lengths = atoms.reduce((bits, { column }) => bits | plan.keys.lengthBit(column), 0)
    return this.#atoms.place(atoms, lengths)
  }

  /** Keeps a choice where there is room. */
  learn([state, column, atoms, link]: Choice): void {
    if (this.#choicesUsed >= layout.CHOICES_MAX) return
    this.#choicesUsed += 1
    let slot =
      (Math.imul(state, 0x9e3779b1) ^
        Math.imul(column, 0x85ebca6b) ^
        Math.imul(atoms, 0xc2b2ae35)) >>>
      16
    for (;;) {
      slot %= layout.CHOICES
      const at = slot * layout.CHOICE_NUMBERS
      if (this.#choices[at + 3] === 0) {
        this.#choices.set([state, column, atoms, link], at)
        return
      }
      slot += 1
    }
  }
}

type Choice = readonly [state: number, column: number, atoms: number, link: number]

interface Placed {
  readonly automaton: Automaton
  readonly statesMax: number
}

/** All tables. */
export class Tables {
  readonly #memory: ArrayBuffer
  readonly #registers: Int32Array
  #free = layout.TABLES_AT
  #residents: Automaton[] = []

  constructor(memory: ArrayBuffer) {
    this.#memory = memory
    this.#registers = new Int32Array(memory, layout.REGISTERS_AT, layout.REGISTERS)
  }

  /** Makes the automaton's table the one that is scanned with. False where it is too large. */
  use(automaton: Automaton): boolean {
    const mirror = (automaton.mirror as Mirror | undefined) ?? this.#place(automaton)
    if (mirror === undefined) return false
    const registers = this.#registers
    registers[REGISTER.rows] = mirror.rowsAt
    registers[REGISTER.stride] = mirror.stride * 4
    registers[REGISTER.slots] = mirror.slotsAt
    registers[REGISTER.slotMask] = mirror.slotMask
    registers[REGISTER.names] = mirror.namesAt
    registers[REGISTER.choices] = mirror.choicesAt
    return true
  }

  /** Keeps a choice for this automaton, where it has a table. */
  learn(automaton: Automaton, choice: Choice): void {
    ;(automaton.mirror as Mirror | undefined)?.learn(choice)
  }

  #place(automaton: Automaton): Mirror | undefined {
    const statesMax = automaton.states.length * 2 + SPARE_STATES
    const bytes =
      namesBytes(automaton.plan.keys) +
      (hasFilters(automaton) ? CHOICES_BYTES + ATOMS_BYTES : 0) +
      statesMax * (automaton.columns + layout.ROW_HEAD) * 4
    if (layout.TABLES_AT + bytes > layout.MEMORY_BYTES) return undefined
    if (this.#free + bytes > layout.MEMORY_BYTES) this.#clear()
    const mirror = new Mirror(this.#memory, this.#free, { automaton, statesMax })
    this.#free += bytes
    this.#residents.push(automaton)
    automaton.mirror = mirror
    return mirror
  }

  #clear(): void {
    for (const automaton of this.#residents) automaton.mirror = undefined
    this.#residents = []
    this.#free = layout.TABLES_AT
  }
}

function hasFilters({ plan }: Automaton): boolean {
  return plan.predicates.some(({ kind }) => kind === 'filter')
}

function namesBytes({ slots, names }: KeyTable): number {
  const text = names.reduce((sum, name) => sum + name.utf8.length, 0)
  return aligned((slots.length + names.length * NAME_NUMBERS) * 4 + text)
}

/** Writes the slots, the names with their ends, and their text; says where the names begin and where the next thing may. */
function writeNames(
  memory: ArrayBuffer,
  at: number,
  { slots, names }: KeyTable,
): { readonly at: number; readonly end: number } {
  new Int32Array(memory, at, slots.length).set(slots)
  const namesAt = at + slots.length * 4
  const numbers = new Int32Array(memory, namesAt, names.length * NAME_NUMBERS)
  const bytes = new Uint8Array(memory)
  let textAt = namesAt + numbers.length * 4
  for (const [column, { first, last, utf8 }] of names.entries()) {
    numbers.set([first, last, utf8.length, textAt], column * NAME_NUMBERS)
    bytes.set(utf8, textAt)
    textAt += utf8.length
  }
  return { at: namesAt, end: aligned(textAt) }
}

function aligned(bytes: number): number {
  return (bytes + 15) & ~15
}
