/**
 * One document's run: takes pieces as they come, hands them to the walk, and gives back what may leave. Bytes that
 * the walk could not decide yet are kept in front of the next piece.
 */
import { strict as assert } from 'node:assert'
import {
  JsonAmbiguousError,
  JsonEncodingError,
  JsonInputError,
  JsonSyntaxError,
} from '../errors.ts'
import type { Exposures, Pushed, Reader, Rewriter } from '../program-source.ts'
import { walkItems } from './walk-items.ts'
import type { WalkPool } from './walk-pool.ts'
import type { Walk } from './walk.ts'

/** Kept bytes above which the walk waits until they have grown by half, so that no input is walked often. */
const RETRY_BYTES = 4_096
const RETRY_GROWTH = 1.5
/** Room beyond a piece and what was kept before it, so that the next one fits too. */
const SPARE_BYTES = 1_024

const EMPTY = Buffer.alloc(0)
const NO_PARTS: readonly Buffer[] = []

/** See the file. */
export class DocumentRewriter implements Rewriter {
  readonly #walks: WalkPool
  readonly #walk: Walk
  #exposures: Exposures | undefined
  /** What is collected at the end of the document. */
  #collected: readonly Buffer[] | undefined
  /** Bytes kept, in the first `#keptLength` bytes of a buffer of our own. */
  #kept: Buffer = EMPTY
  #keptLength = 0
  /** The bytes at hand are those kept. */
  #isKept = false
  /** Bytes that must be at hand before another try. */
  #retryLength = 0
  /** Bytes of the document before those at hand. */
  #base = 0
  #phase: 'open' | 'needs' | 'done' | 'failed' = 'open'
  #last = false

  constructor(walks: WalkPool, collect: number | undefined, reader: Reader | undefined) {
    this.#walks = walks
    this.#walk = walks.take()
    if (collect !== undefined) this.#walk.output.collect(collect)
    this.#walk.counts.reader = reader
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
      this.#end()
      throw moved(error, this.#base)
    }
  }

  take(): Buffer {
    const parts = this.takeParts()
    const [first] = parts
    if (first === undefined) return EMPTY
    return parts.length === 1 ? first : Buffer.concat(parts)
  }

  takeParts(): readonly Buffer[] {
    const collected = this.#collected ?? this.#walk.output.release()
    if (this.#collected !== undefined) this.#collected = NO_PARTS
    return collected
  }

  waiting(): number {
    if (this.#collected === undefined) return this.#walk.output.length
    return this.#collected.reduce((sum, { length }) => sum + length, 0)
  }

  exposures(): Exposures {
    return this.#exposures ?? this.#walk.scopes.exposures()
  }

  drain(): Exposures {
    const drained = this.#exposures ?? this.#walk.scopes.drain()
    if (this.#exposures !== undefined) this.#exposures = nothingOf(drained)
    return drained
  }

  subjectCount(): number {
    return this.#exposures?.subjects.length ?? this.#walk.scopes.subjectCount
  }

  /** Puts the chunk behind what was kept. False where more should come before another try. */
  #take(chunk: Uint8Array): boolean {
    if (!this.#walk.utf8.accepts(chunk) || (this.#last && !this.#walk.utf8.whole)) {
      throw new JsonEncodingError(this.#keptLength, 'not UTF-8')
    }
    this.#walk.syncAutomaton()
    this.#isKept = this.#keptLength > 0
    if (!this.#isKept) {
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
      const grown = Buffer.alloc(Math.max(length + SPARE_BYTES, this.#keptLength * 2))
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
    if (this.#last) this.#end()
    else this.#keep()
    return { kind: 'bytes', bytes }
  }

  /** Nothing more comes: the walk can serve another document. */
  #end(): void {
    this.#exposures = this.#walk.scopes.drain()
    this.#collected = this.#walk.output.release()
    this.#kept = EMPTY
    this.#walks.give(this.#walk)
  }

  /** Keeps what was not decided. What was handed out is never written to again. */
  #keep(): void {
    const walk = this.#walk
    const { bytes, at, length } = walk
    const rest = length - at
    this.#base += at
    this.#keptLength = rest
    this.#retryLength = rest < RETRY_BYTES ? 0 : Math.floor(rest * RETRY_GROWTH)
    if (rest === 0) {
      // What was given away may be a part of it.
      if (!walk.output.collects) this.#kept = EMPTY
    } else if (!this.#isKept) {
      if (rest > this.#kept.length) this.#kept = Buffer.alloc(rest + SPARE_BYTES)
      bytes.copy(this.#kept, 0, at, length)
    } else if (walk.output.collects) this.#kept.copyWithin(0, at, length)
    else if (at > 0) this.#kept = Buffer.from(bytes.subarray(at))
  }
}

/** What a drain leaves behind. */
function nothingOf({ counters, unscoped }: Exposures): Exposures {
  return {
    counters: counters.map(() => 0),
    subjects: [],
    unscoped: unscoped.map(() => 0),
    scopesOverflowed: false,
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
