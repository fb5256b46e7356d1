/** Compiles the tree of an I-Regexp to instructions for a machine that never goes back (Thompson, Pike). */
import { INSTRUCTIONS_MAX, type RegexpFault, type RegexpNode } from './ast.ts'
import { hasCodePoint, type CharSet } from './char-set.ts'
import { parseRegexp } from './parse.ts'

/** Passes one code point of the set `first`, to the next instruction. */
export const OP_SET = 0
/** Goes on at `first` and at `second`. */
export const OP_SPLIT = 1
/** Goes on at `first`. */
export const OP_JUMP = 2
/** Goes on at the next instruction at the start of the text only. */
export const OP_START = 3
/** Goes on at the next instruction at the end of the text only. */
export const OP_END = 4
/** The pattern has matched. */
export const OP_MATCH = 5

/** Code points with a table of their own in each set. */
const ASCII_COUNT = 128

/** A set with its answers for ASCII at hand. */
interface CompiledSet {
  readonly set: CharSet
  readonly ascii: Uint8Array
}

/** A compiled pattern. Immutable. */
export interface RegexpProgram {
  readonly operations: Uint8Array
  readonly first: Int32Array
  readonly second: Int32Array
  readonly sets: readonly CompiledSet[]
}

/** A program, or why there is none. */
export type CompiledRegexp =
  | { readonly program: RegexpProgram; readonly fault: undefined }
  | { readonly program: undefined; readonly fault: RegexpFault }

/** Compiles a pattern. Never throws; time and size are bounded by INSTRUCTIONS_MAX and PATTERN_CHARS_MAX. */
export function compileRegexp(pattern: string): CompiledRegexp {
  const { node, fault } = parseRegexp(pattern)
  if (node === undefined) return { program: undefined, fault }
  const program = new Assembler().assemble(node)
  if (program !== undefined) return { program, fault: undefined }
  const message = `more than ${INSTRUCTIONS_MAX} instructions once its quantifiers are written out`
  return { program: undefined, fault: { kind: 'size', position: 0, message } }
}

class Assembler {
  readonly #operations: number[] = []
  readonly #first: number[] = []
  readonly #second: number[] = []
  readonly #sets = new Map<CharSet, number>()
  /** Nodes written, also those that need no instruction: `(){4000}` in itself must end, too. */
  #written = 0

  /** Undefined where the program would be too large. */
  assemble(node: RegexpNode): RegexpProgram | undefined {
    this.#write(node)
    this.#emit(OP_MATCH, 0, 0)
    if (this.#isFull) return undefined
    return {
      operations: Uint8Array.from(this.#operations),
      first: Int32Array.from(this.#first),
      second: Int32Array.from(this.#second),
      sets: [...this.#sets.keys()].map(compileSet),
    }
  }

  get #isFull(): boolean {
    return this.#operations.length > INSTRUCTIONS_MAX || this.#written > INSTRUCTIONS_MAX
  }

  #write(node: RegexpNode): void {
    this.#written += 1
    if (this.#isFull) return
    switch (node.kind) {
      case 'set':
        this.#emit(OP_SET, this.#setIndex(node.set), 0)
        return
      case 'anchor':
        this.#emit(node.at === 'start' ? OP_START : OP_END, 0, 0)
        return
      case 'sequence':
        for (const item of node.items) this.#write(item)
        return
      case 'choice':
        this.#writeChoice(node.branches)
        return
      case 'repeat':
        this.#writeRepeat(node.item, node.min, node.max)
    }
  }

  #writeChoice(branches: readonly RegexpNode[]): void {
    const jumps: number[] = []
    for (const [position, branch] of branches.entries()) {
      if (position === branches.length - 1) {
        this.#write(branch)
        break
      }
      const split = this.#emit(OP_SPLIT, this.#next + 1, 0)
      this.#write(branch)
      jumps.push(this.#emit(OP_JUMP, 0, 0))
      this.#second[split] = this.#next
    }
    for (const jump of jumps) this.#first[jump] = this.#next
  }

  #writeRepeat(item: RegexpNode, min: number, max: number): void {
    for (let i = 0; i < min && !this.#isFull; i += 1) this.#write(item)
    if (max === Infinity) {
      const loop = this.#emit(OP_SPLIT, this.#next + 1, 0)
      this.#write(item)
      this.#emit(OP_JUMP, loop, 0)
      this.#second[loop] = this.#next
      return
    }
    const splits: number[] = []
    for (let i = min; i < max && !this.#isFull; i += 1) {
      splits.push(this.#emit(OP_SPLIT, this.#next + 1, 0))
      this.#write(item)
    }
    for (const split of splits) this.#second[split] = this.#next
  }

  get #next(): number {
    return this.#operations.length
  }

  #emit(operation: number, first: number, second: number): number {
    this.#first.push(first)
    this.#second.push(second)
    return this.#operations.push(operation) - 1
  }

  #setIndex(set: CharSet): number {
    const index = this.#sets.get(set) ?? this.#sets.size
    this.#sets.set(set, index)
    return index
  }
}

function compileSet(set: CharSet): CompiledSet {
  const ascii = new Uint8Array(ASCII_COUNT)
  for (let at = 0; at < ASCII_COUNT; at += 1) ascii[at] = hasCodePoint(set, at) ? 1 : 0
  return { set, ascii }
}

/** True where the set with this number has the code point. */
export function takesCodePoint({ sets }: RegexpProgram, index: number, codePoint: number): boolean {
  const compiled = sets[index]
  if (compiled === undefined) return false
  if (codePoint < ASCII_COUNT) return compiled.ascii[codePoint] === 1
  return hasCodePoint(compiled.set, codePoint)
}
