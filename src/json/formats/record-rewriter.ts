/**
 * A body of many records, each a document of its own for the program: `$` is the record. Nothing of a record is given
 * out before it has come whole and was accepted.
 */
import { strict as assert } from 'node:assert'
import type { Exposures, Pushed, Rewriter } from '../program-source.ts'
import { ExposureSum } from './exposure-sum.ts'
import type { Piece, Splitter } from './splitter.ts'

const EMPTY = Buffer.alloc(0)

/** How the records of a body are put together. */
export interface RecordOptions {
  /** Data subjects told apart. */
  readonly subjectsMax: number
  /** True: nothing is given before it is taken. */
  readonly collects: boolean
}

/** See the file. Keeps the contract of a rewriter of one document. */
export class RecordRewriter implements Rewriter {
  readonly #begin: () => Rewriter
  readonly #splitter: Splitter
  readonly #sum: ExposureSum
  readonly #collects: boolean
  /** Pieces that wait, while the record before them needs keys. */
  #pieces: readonly Piece[] = []
  #next = 0
  #inner: Rewriter | undefined
  #out: Buffer[] = []
  #waiting = 0
  #ended = false

  /** `begin` starts the run over one record. */
  constructor(begin: () => Rewriter, splitter: Splitter, { subjectsMax, collects }: RecordOptions) {
    this.#begin = begin
    this.#splitter = splitter
    this.#sum = new ExposureSum(subjectsMax)
    this.#collects = collects
  }

  push(chunk: Uint8Array, last: boolean): Pushed {
    const resumes = this.#inner !== undefined
    assert(!resumes || chunk.length === 0, 'the keys that were asked for come before more bytes')
    if (!resumes) {
      assert(!this.#ended, 'the body has ended')
      this.#ended = last
      this.#pieces = this.#splitter.take(chunk, last)
      this.#next = 0
    }
    while (this.#next < this.#pieces.length) {
      const needed = this.#rewrite(this.#pieces[this.#next] as Piece)
      if (needed !== undefined) return { kind: 'need', keyIds: needed }
      this.#next += 1
    }
    this.#pieces = []
    return { kind: 'bytes', bytes: this.#collects ? EMPTY : this.#give() }
  }

  take(): Buffer {
    return this.#collects ? this.#give() : EMPTY
  }

  takeParts(): readonly Buffer[] {
    return this.#collects ? this.#giveParts() : []
  }

  waiting(): number {
    return this.#collects ? this.#waiting : 0
  }

  exposures(): Exposures {
    return this.#sum.read()
  }

  drain(): Exposures {
    return this.#sum.drain()
  }

  subjectCount(): number {
    return this.#sum.subjectCount
  }

  #give(): Buffer {
    return Buffer.concat(this.#giveParts())
  }

  #giveParts(): readonly Buffer[] {
    const parts = this.#out
    this.#out = []
    this.#waiting = 0
    return parts
  }

  /** The ids of keys that the piece needs, or undefined where it is done. */
  #rewrite(piece: Piece): readonly string[] | undefined {
    if (piece.kind === 'between') {
      this.#put(piece.bytes)
      return undefined
    }
    const resumes = this.#inner !== undefined
    const inner = this.#inner ?? this.#begin()
    this.#inner = inner
    const pushed = inner.push(resumes ? EMPTY : piece.document, true)
    if (pushed.kind === 'need') return pushed.keyIds
    this.#inner = undefined
    this.#sum.add(inner.exposures())
    this.#put(piece.write === undefined ? pushed.bytes : piece.write(pushed.bytes))
    return undefined
  }

  #put(bytes: Buffer): void {
    if (bytes.length > 0) this.#out.push(bytes)
    this.#waiting += bytes.length
  }
}
