/** Walks that wait for a document: making one takes longer than walking a small document. */
import type { AutomatonHolder } from '../automaton/automaton.ts'
import type { ProgramSource } from '../program-source.ts'
import { Walk } from './walk.ts'

/** Walks kept for each program. More documents than that at a time make their own. */
const SPARE_MAX = 8

/** The walks of one program. A walk that is given back holds no bytes of its document any more. */
export class WalkPool {
  readonly #source: ProgramSource
  readonly #holder: AutomatonHolder
  readonly #spare: Walk[] = []

  constructor(source: ProgramSource, holder: AutomatonHolder) {
    this.#source = source
    this.#holder = holder
  }

  take(): Walk {
    return this.#spare.pop() ?? new Walk(this.#source, this.#holder)
  }

  give(walk: Walk): void {
    walk.reset()
    if (this.#spare.length < SPARE_MAX) this.#spare.push(walk)
  }
}
