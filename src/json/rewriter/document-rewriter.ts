/**
 * One document's run: takes pieces as they come, hands them to the walk, and gives back what may leave. Bytes that
 * the walk could not decide yet are kept in front of the next piece.
 */
import { strict as assert } from 'node:assert'
import type { AutomatonHolder } from '../automaton/automaton.ts'
import {
  JsonAmbiguousError,
  JsonEncodingError,
  JsonInputError,
  JsonSyntaxError,
} from '../errors.ts'
import type { Exposures, ProgramSource, Pushed, Rewriter } from '../program-source.ts'
import { Utf8Check } from './utf8-check.ts'
import { walkItems } from './walk-items.ts'
import { Walk } from './walk.ts'

/** Kept bytes above which the walk waits until they have grown by half, so that no input is walked often. */
const RETRY_BYTES = 4_096
const RETRY_GROWTH = 1.5

const EMPTY = Buffer.alloc(0)

/** See the file. */
export class DocumentRewriter implements Rewriter {
  readonly #walk: Walk
  readonly #utf8 = new Utf8Check()
  /** Bytes kept, in the first `#keptLength` bytes of a buffer of our own. */
  #kept: Buffer = EMPTY
  #keptLength = 0
  /** Bytes that must be at hand before another try. */
  #retryLength = 0
  /** Bytes of the document before those at hand. */
  #base = 0
  #phase: 'open' | 'needs' | 'done' | 'failed' = 'open'
  #last = false

  constructor(source: ProgramSource, holder: AutomatonHolder) {
    this.#walk = new Walk(source, holder)
  }

  push(chunk: Uint8Array, last: boolean): Pushed {
    assert(this.#phase === 'open' || this.#phase === 'needs', 'the document has ended')
    const resumes = this.#phase === 'needs'
    assert(!resumes || chunk.length === 0, 'the keys that were asked for come before more bytes')
    this.#phase = 'failed'
    this.#last ||= last
    try {
      if (!resumes && !this.#take(chunk)) {
        this.#phase = 'open'
        return { kind: 'bytes', bytes: EMPTY }
      }
      return this.#run()
    } catch (error) {
      throw moved(error, this.#base)
    }
  }

  exposures(): Exposures {
    return this.#walk.scopes.exposures()
  }

  drain(): Exposures {
    return this.#walk.scopes.drain()
  }

  subjectCount(): number {
    return this.#walk.scopes.subjectCount
  }

  /** Puts the chunk behind what was kept. False where more should come before another try. */
  #take(chunk: Uint8Array): boolean {
    if (!this.#utf8.accepts(chunk) || (this.#last && !this.#utf8.whole)) {
      throw new JsonEncodingError(this.#keptLength, 'not UTF-8')
    }
    this.#walk.syncAutomaton()
    if (this.#keptLength === 0) {
      this.#walk.load(asBuffer(chunk), this.#last)
      return true
    }
    this.#append(chunk)
    if (!this.#last && this.#keptLength < this.#retryLength) return false
    this.#walk.load(this.#kept.subarray(0, this.#keptLength), this.#last)
    return true
  }

  #append(chunk: Uint8Array): void {
    const length = this.#keptLength + chunk.length
    if (length > this.#kept.length) {
      const grown = Buffer.allocUnsafe(Math.max(length, this.#keptLength * 2))
      this.#kept.copy(grown, 0, 0, this.#keptLength)
      this.#kept = grown
    }
    this.#kept.set(chunk, this.#keptLength)
    this.#keptLength = length
  }

  #run(): Pushed {
    const walk = this.#walk
    walk.needed = undefined
    walkItems(walk)
    if (walk.needed !== undefined) {
      this.#phase = 'needs'
      return { kind: 'need', keyIds: walk.needed }
    }
    if (this.#last && !walk.complete) {
      throw new JsonSyntaxError(walk.length, 'the document ends before it is whole')
    }
    this.#phase = this.#last ? 'done' : 'open'
    if (walk.dropped) walk.output.copied = walk.at
    const bytes = walk.output.take(walk.at)
    this.#keep()
    return { kind: 'bytes', bytes }
  }

  /** Keeps what was not decided. What was handed out is never written to again. */
  #keep(): void {
    const { bytes, at, length } = this.#walk
    const rest = length - at
    this.#base += at
    this.#keptLength = rest
    if (rest === 0) {
      this.#kept = EMPTY
      return
    }
    this.#retryLength = rest < RETRY_BYTES ? 0 : Math.floor(rest * RETRY_GROWTH)
    if (at === 0 && bytes.buffer === this.#kept.buffer) return
    this.#kept = Buffer.from(bytes.subarray(at))
  }
}

function asBuffer(chunk: Uint8Array): Buffer {
  return Buffer.isBuffer(chunk)
    ? chunk
    : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
}

/** The same error with its offset counted from the document's start. */
function moved(error: unknown, by: number): unknown {
  if (error instanceof JsonInputError) return error.moved(by)
  if (error instanceof JsonAmbiguousError) return new JsonAmbiguousError(error.offset + by)
  return error
}
