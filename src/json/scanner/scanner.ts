/**
 * The scanner: a WebAssembly module that passes over the items of a document which need nothing but to be checked, several
 * times as fast as JavaScript does. It only reads, in a memory of its own that holds a copy of the bytes at hand, and only
 * gives back numbers. Without it (a runtime without WebAssembly) everything is done by the walk, in the same way.
 */
import { strict as assert } from 'node:assert'
import type { Automaton } from '../automaton/automaton.ts'
import type { Limits } from '../limits.ts'
import * as layout from './layout.ts'
import { REGISTER } from './layout.ts'
import { SCANNER_MODULE } from './module.ts'
import { Tables } from './tables.ts'

/** What of a walk the scanner moves on. */
export interface Scanned {
  at: number
  depth: number
  state: number
  flags: number
  index: number
}

/** One memory, used by one walk at a time. */
export class Scanner {
  /** Open containers, as the walk keeps them. */
  readonly stack: Int32Array
  /** What was noted in the scan before. */
  readonly events: Int32Array
  readonly #registers: Int32Array
  readonly #input: Uint8Array
  readonly #tables: Tables
  readonly #scan: () => number
  #inputUsed = 0
  #busy = false

  constructor(memory: ArrayBuffer, scan: () => number) {
    assert(memory.byteLength === layout.MEMORY_BYTES, 'the memory of the scanner')
    this.stack = new Int32Array(memory, layout.STACK_AT, layout.LEVELS_MAX * layout.LEVEL_NUMBERS)
    this.events = new Int32Array(memory, layout.EVENTS_AT, layout.EVENTS_MAX * layout.EVENT_NUMBERS)
    this.#registers = new Int32Array(memory, layout.REGISTERS_AT, layout.REGISTERS)
    this.#input = new Uint8Array(
      memory,
      layout.INPUT_AT,
      layout.INPUT_BYTES_MAX + layout.PADDING_BYTES,
    )
    this.#tables = new Tables(memory)
    this.#scan = scan
  }

  /** Takes a copy of the bytes. False where there is no room, or a walk around this one uses the scanner. */
  begin(bytes: Uint8Array, limits: Limits): boolean {
    const { length } = bytes
    if (this.#busy || length > layout.INPUT_BYTES_MAX) return false
    if (limits.depthMax >= layout.LEVELS_MAX) return false
    this.#busy = true
    // Behind them everything is zero: nothing else was ever there but what `end` took away.
    this.#input.set(bytes)
    this.#inputUsed = length
    const registers = this.#registers
    registers[REGISTER.length] = length
    registers[REGISTER.depthMax] = limits.depthMax
    registers[REGISTER.keyBytesMax] = limits.keyBytesMax
    registers[REGISTER.numberBytesMax] = limits.numberBytesMax
    registers[REGISTER.heldBytesMax] = limits.heldBytesMax
    registers[REGISTER.lookedTo] = 0
    registers[REGISTER.lookedToInside] = 0
    return true
  }

  /** Gives the scanner back, with nothing of the document in it. */
  end(): void {
    this.#input.fill(0, 0, this.#inputUsed)
    this.#busy = false
  }

  /**
   * Goes on from where `walk` stands to an item that is not the scanner's. The events noted on the way are in `events`;
   * gives how many. Negative where this automaton has no room: then nothing has happened.
   */
  scan(walk: Scanned, automaton: Automaton): number {
    if (!this.#tables.use(automaton)) return -1
    const registers = this.#registers
    registers[REGISTER.at] = walk.at
    registers[REGISTER.depth] = walk.depth
    registers[REGISTER.state] = walk.state
    registers[REGISTER.flags] = walk.flags
    registers[REGISTER.index] = walk.index
    registers[REGISTER.eventCount] = 0
    registers[REGISTER.askedColumn] = 0
    this.#scan()
    walk.at = registers[REGISTER.at] as number
    walk.depth = registers[REGISTER.depth] as number
    walk.state = registers[REGISTER.state] as number
    walk.flags = registers[REGISTER.flags] as number
    walk.index = registers[REGISTER.index] as number
    return registers[REGISTER.eventCount] as number
  }

  /**
   * Takes note of a link that filters decided for a child of `state`, where the scan before came back for want of it. To be
   * called for the item in front of which that scan ended, and for no other.
   */
  learn(automaton: Automaton, state: number, link: number): void {
    const registers = this.#registers
    const column = registers[REGISTER.askedColumn] as number
    if (column === 0) return
    registers[REGISTER.askedColumn] = 0
    this.#tables.learn(automaton, [state, column, registers[REGISTER.askedAtoms] as number, link])
  }
}

/** The part of the runtime that is used here; its types come with browsers only. */
interface WithWebAssembly {
  readonly WebAssembly?: {
    readonly Module: new (bytes: Uint8Array) => object
    readonly Instance: new (module: object) => {
      readonly exports: {
        readonly memory: { readonly buffer: ArrayBuffer }
        readonly scan: () => number
      }
    }
  }
}

/** The one of this process; undefined where the runtime has no WebAssembly. */
export const scanner: Scanner | undefined = createScanner()

function createScanner(): Scanner | undefined {
  const { WebAssembly: runtime } = globalThis as WithWebAssembly
  if (runtime === undefined) return undefined
  const module = new runtime.Module(Buffer.from(SCANNER_MODULE, 'base64'))
  const { memory, scan } = new runtime.Instance(module).exports
  return new Scanner(memory.buffer, scan)
}
