/** Atoms of filters in the memory of the scanner. */
import type { Atom } from '../automaton/atoms.ts'
import { ATOM_NUMBERS, ATOMS_HEAD, ROW_HEAD } from './layout.ts'

const KINDS = { exists: 0, string: 1, number: 2, literal: 3 } as const satisfies Record<
  Atom['kind'],
  number
>

/** A part of the memory that holds atoms, each list of them once. */
export class AtomTables {
  readonly #memory: ArrayBuffer
  readonly #end: number
  #free: number
  readonly #placed = new Map<string, number>()

  constructor(memory: ArrayBuffer, at: number, end: number) {
    this.#memory = memory
    this.#free = at
    this.#end = end
  }

  /** Where these atoms stand; 0 where there is no room for them. `lengths`: of their names, as bits. */
  place(atoms: readonly Atom[], lengths: number): number {
    const key = atoms
      .map(({ column, kind, text }) => `${column} ${kind} ${text.toString()}`)
      .join('\n')
    const known = this.#placed.get(key)
    if (known !== undefined) return known
    const at = this.#free
    const literals = atoms.reduce((sum, { text }) => sum + text.length, 0)
    const textAt = at + (ATOMS_HEAD + atoms.length * ATOM_NUMBERS) * 4
    const end = (textAt + literals + 3) & ~3
    if (end > this.#end) return 0
    this.#write(atoms, lengths, { at, textAt })
    this.#free = end
    this.#placed.set(key, at)
    return at
  }

  #write(
    atoms: readonly Atom[],
    lengths: number,
    { at, textAt }: { readonly at: number; readonly textAt: number },
  ): void {
    const numbers = new Int32Array(this.#memory, at, (textAt - at) / 4)
    const bytes = new Uint8Array(this.#memory)
    numbers.set([atoms.length, lengths])
    let free = textAt
    for (const [index, { column, kind, text }] of atoms.entries()) {
      const atom = [(ROW_HEAD + column) * 4, KINDS[kind], free, text.length]
      numbers.set(atom, ATOMS_HEAD + index * ATOM_NUMBERS)
      bytes.set(text, free)
      free += text.length
    }
  }
}
