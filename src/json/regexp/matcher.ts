/**
 * Runs a compiled I-Regexp over a text: all ways at once, each instruction at most once for each character, so the
 * time is at most text length times program size, whatever the pattern and the text.
 */
import {
  OP_END,
  OP_JUMP,
  OP_MATCH,
  OP_SET,
  OP_SPLIT,
  OP_START,
  takesCodePoint,
  type RegexpProgram,
} from './program.ts'

/** Is told of the instructions executed; throws where they are too many. */
export interface StepCounter {
  spend(steps: number): void
}

/** Instructions executed that count as one step: they are cheaper than visiting a node. */
const INSTRUCTIONS_PER_STEP = 2

/** True where the whole text matches (`match`, RFC 9535 2.4.6). Throws only what the counter throws. */
export function matchesWhole(program: RegexpProgram, text: string, counter: StepCounter): boolean {
  return new Machine(program, counter).run(text, true)
}

/** True where some part of the text matches (`search`, RFC 9535 2.4.7). Throws only what the counter throws. */
export function matchesPart(program: RegexpProgram, text: string, counter: StepCounter): boolean {
  return new Machine(program, counter).run(text, false)
}

/** The instructions that are reached at one position of the text: a sparse set, so that clearing costs nothing. */
class Threads {
  count = 0
  readonly #dense: Int32Array
  readonly #sparse: Int32Array

  constructor(capacity: number) {
    this.#dense = new Int32Array(capacity)
    this.#sparse = new Int32Array(capacity)
  }

  /** The instruction of the thread at this position of the list. */
  at(position: number): number {
    return this.#dense[position] ?? 0
  }

  /** False where it was there already. */
  add(instruction: number): boolean {
    const position = this.#sparse[instruction] ?? 0
    if (position < this.count && this.#dense[position] === instruction) return false
    this.#sparse[instruction] = this.count
    this.#dense[this.count] = instruction
    this.count += 1
    return true
  }
}

class Machine {
  readonly #program: RegexpProgram
  readonly #counter: StepCounter
  readonly #pending: number[] = []
  #current: Threads
  #following: Threads
  #matched = false
  #atStart = true
  #atEnd = false
  /** Instructions executed and not yet told to the counter. */
  #executed = 0

  constructor(program: RegexpProgram, counter: StepCounter) {
    this.#program = program
    this.#counter = counter
    this.#current = new Threads(program.operations.length)
    this.#following = new Threads(program.operations.length)
  }

  run(text: string, whole: boolean): boolean {
    let position = 0
    this.#atEnd = text.length === 0
    this.#reach(this.#current, 0)
    this.#atStart = false
    while (position < text.length) {
      if (this.#matched && !whole) return true
      if (this.#current.count === 0 && whole) return false
      const codePoint = text.codePointAt(position) ?? 0
      position += codePoint > 0xffff ? 2 : 1
      this.#atEnd = position >= text.length
      this.#step(codePoint, whole)
      this.#count()
    }
    return this.#matched
  }

  /** Passes one code point: from the current threads to the following ones. */
  #step(codePoint: number, whole: boolean): void {
    const { operations, first } = this.#program
    const current = this.#current
    const following = this.#following
    following.count = 0
    this.#matched = false
    for (let i = 0; i < current.count; i += 1) {
      const instruction = current.at(i)
      if (operations[instruction] !== OP_SET) continue
      this.#executed += 1
      if (takesCodePoint(this.#program, first[instruction] ?? 0, codePoint)) {
        this.#reach(following, instruction + 1)
      }
    }
    if (!whole) this.#reach(following, 0)
    this.#current = following
    this.#following = current
  }

  /** Adds an instruction and all that are reached from it without passing a character. */
  #reach(threads: Threads, from: number): void {
    const { operations, first, second } = this.#program
    const pending = this.#pending
    pending.push(from)
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      this.#executed += 1
      if (!threads.add(next)) continue
      switch (operations[next]) {
        case OP_SPLIT:
          pending.push(second[next] ?? 0, first[next] ?? 0)
          break
        case OP_JUMP:
          pending.push(first[next] ?? 0)
          break
        case OP_START:
          if (this.#atStart) pending.push(next + 1)
          break
        case OP_END:
          if (this.#atEnd) pending.push(next + 1)
          break
        case OP_MATCH:
          this.#matched = true
          break
        default:
      }
    }
  }

  #count(): void {
    if (this.#executed < INSTRUCTIONS_PER_STEP) return
    const steps = Math.floor(this.#executed / INSTRUCTIONS_PER_STEP)
    this.#executed -= steps * INSTRUCTIONS_PER_STEP
    this.#counter.spend(steps)
  }
}
