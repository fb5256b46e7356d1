/** A body that nobody looks into: it leaves as it comes, and nothing of it is counted. */
import type { Exposures, Pushed, Rewriter } from '../program-source.ts'

const EMPTY = Buffer.alloc(0)
const NOTHING: Exposures = { counters: [], subjects: [], unscoped: [], scopesOverflowed: false }

/** See the file. Keeps the contract of a rewriter. */
export class OpaqueRewriter implements Rewriter {
  readonly #collects: boolean
  #collected: Buffer[] = []
  #waiting = 0

  constructor(collects: boolean) {
    this.#collects = collects
  }

  push(chunk: Uint8Array): Pushed {
    if (chunk.length === 0) return { kind: 'bytes', bytes: EMPTY }
    const bytes = Buffer.from(chunk)
    if (!this.#collects) return { kind: 'bytes', bytes }
    this.#collected.push(bytes)
    this.#waiting += bytes.length
    return { kind: 'bytes', bytes: EMPTY }
  }

  take(): Buffer {
    return Buffer.concat(this.takeParts())
  }

  takeParts(): readonly Buffer[] {
    const parts = this.#collected
    this.#collected = []
    this.#waiting = 0
    return parts
  }

  waiting(): number {
    return this.#waiting
  }

  exposures(): Exposures {
    return NOTHING
  }

  drain(): Exposures {
    return NOTHING
  }

  subjectCount(): number {
    return 0
  }
}
