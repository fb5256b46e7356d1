/**
 * An index of one JSON value in document order: a row of numbers for each node, no objects, no decoded text.
 * The bytes must have been validated before; the tape checks only what keeps it from running astray.
 */
import { strict as assert } from 'node:assert'
import { JsonDepthError } from '../errors.ts'
import type { Limits } from '../limits.ts'
import { scanNumberEnd, scanStringEnd } from './scan.ts'

export { decodeString } from './text.ts'

export const KIND_NULL = 0
export const KIND_TRUE = 1
export const KIND_FALSE = 2
export const KIND_NUMBER = 3
export const KIND_STRING = 4
export const KIND_ARRAY = 5
export const KIND_OBJECT = 6

/** In {@link Tape.flags}: the string, as written, has escapes. */
export const FLAG_ESCAPED_STRING = 1
/** In {@link Tape.flags}: the member name, as written, has escapes. */
export const FLAG_ESCAPED_NAME = 2
/** In {@link Tape.flags}: no two members of this object have the same name. Set by whoever found it out. */
export const FLAG_UNIQUE_NAMES = 4

/**
 * Nodes 0 to count - 1 in document order; node 0 is the whole value. The arrays may be longer than `count`.
 * A node's children are `node + 1`, then `next` of that, and so on below `next[node]`.
 */
export interface Tape {
  readonly bytes: Uint8Array
  readonly count: number
  /** KIND_NULL to KIND_OBJECT. */
  readonly kind: Uint8Array
  /** FLAG_ bits. Only FLAG_UNIQUE_NAMES is set after the tape was built. */
  readonly flags: Uint8Array
  /** First byte of the value; a string's is its quote. */
  readonly start: Int32Array
  /** The byte after the value. */
  readonly end: Int32Array
  /** The node after this node's sub-tree. */
  readonly next: Int32Array
  /** First byte of the member name without its quote; -1 for elements and the root. */
  readonly nameStart: Int32Array
  /** The byte after the member name, without its quote; -1 for elements and the root. */
  readonly nameEnd: Int32Array
}

/** Nodes that a new tape has room for; it doubles from there. */
const CAPACITY_MIN = 256
/** Nodes that a {@link TapeBuilder} keeps room for between documents (about 1.4 MB). */
const CAPACITY_KEPT = 65_536
/** Bytes that a tape can point into: offsets are 32-bit. */
const BYTES_MAX = 0x7fff_ffff

/** Builds tapes one after the other in the same arrays, so that a filter candidate costs no allocation. */
export class TapeBuilder implements Tape {
  bytes: Uint8Array = new Uint8Array(0)
  count = 0
  kind!: Uint8Array
  flags!: Uint8Array
  start!: Int32Array
  end!: Int32Array
  next!: Int32Array
  nameStart!: Int32Array
  nameEnd!: Int32Array
  readonly #depthMax: number
  #depth = 0
  /** The innermost open container, or -1. While one is open, `next` holds the container around it. */
  #open = -1
  #nameStart = -1
  #nameEnd = -1
  #nameEscaped = false

  constructor(limits: Limits) {
    this.#depthMax = limits.depthMax
    this.#resize(CAPACITY_MIN)
  }

  /**
   * Indexes `bytes` from `start` to `end`: one JSON value with or without white space around it. Returns this
   * builder, which is the tape until the next call. Throws a JsonDepthError, whose offset is that in `bytes`, and an
   * AssertionError where the bytes cannot be JSON.
   */
  build(bytes: Uint8Array, start: number, end: number): Tape {
    assert(start >= 0 && end <= bytes.length && end <= BYTES_MAX, 'range outside of the bytes')
    if (this.kind.length > CAPACITY_KEPT) this.#resize(CAPACITY_MIN)
    this.bytes = bytes
    this.count = 0
    this.#depth = 0
    this.#open = -1
    this.#nameStart = -1
    this.#nameEnd = -1
    let at = start
    while (at < end) at = this.#token(at, end)
    assert(at === end && this.count > 0 && this.#open === -1, 'the value is not whole')
    return this
  }

  /** Takes the token at `at`; returns where the next one begins. */
  #token(at: number, end: number): number {
    const byte = this.bytes[at]
    switch (byte) {
      case 0x20:
      case 0x09:
      case 0x0a:
      case 0x0d:
      case 0x2c:
        return at + 1
      case 0x22:
        return this.#string(at, end)
      case 0x7b:
      case 0x5b:
        this.#openContainer(byte === 0x7b ? KIND_OBJECT : KIND_ARRAY, at)
        return at + 1
      case 0x7d:
      case 0x5d:
        this.#closeContainer(byte === 0x7d ? KIND_OBJECT : KIND_ARRAY, at + 1)
        return at + 1
      case 0x74:
        return this.#scalar(KIND_TRUE, at, at + 4)
      case 0x66:
        return this.#scalar(KIND_FALSE, at, at + 5)
      case 0x6e:
        return this.#scalar(KIND_NULL, at, at + 4)
      default:
        assert(byte === 0x2d || (byte !== undefined && byte >= 0x30 && byte <= 0x39), 'not JSON')
        return this.#scalar(KIND_NUMBER, at, scanNumberEnd(this.bytes, at, end))
    }
  }

  /** A string is a member name where an object is open and no name stands ready. */
  #string(at: number, end: number): number {
    const { bytes } = this
    const close = scanStringEnd(bytes, at + 1, end)
    const escaped = close < 0
    const quote = escaped ? ~close : close
    if (this.#open >= 0 && this.kind[this.#open] === KIND_OBJECT && this.#nameStart < 0) {
      this.#nameStart = at + 1
      this.#nameEnd = quote
      this.#nameEscaped = escaped
      return colonAfter(bytes, quote + 1, end)
    }
    const node = this.#node(KIND_STRING, at)
    this.end[node] = quote + 1
    if (escaped) this.flags[node] = (this.flags[node] ?? 0) | FLAG_ESCAPED_STRING
    return quote + 1
  }

  #scalar(kind: number, at: number, end: number): number {
    // The node first: adding it may replace the arrays.
    const node = this.#node(kind, at)
    this.end[node] = end
    return end
  }

  #openContainer(kind: number, at: number): void {
    this.#depth += 1
    if (this.#depth > this.#depthMax) throw new JsonDepthError(at, 'nested deeper than the limit')
    const node = this.#node(kind, at)
    this.next[node] = this.#open
    this.#open = node
  }

  #closeContainer(kind: number, end: number): void {
    const node = this.#open
    assert(node >= 0 && this.kind[node] === kind && this.#nameStart < 0, 'brackets do not pair')
    this.#depth -= 1
    this.#open = this.next[node] ?? -1
    this.end[node] = end
    this.next[node] = this.count
  }

  /** Adds a node that ends where it begins, as yet, and takes the member name that stands ready. */
  #node(kind: number, start: number): number {
    assert(this.#open >= 0 || this.count === 0, 'two values')
    const node = this.count
    if (node === this.kind.length) this.#resize(node * 2)
    const named = this.#nameStart >= 0
    assert(
      named === (this.#open >= 0 && this.kind[this.#open] === KIND_OBJECT),
      'a member has a name',
    )
    this.kind[node] = kind
    this.flags[node] = named && this.#nameEscaped ? FLAG_ESCAPED_NAME : 0
    this.start[node] = start
    this.nameStart[node] = this.#nameStart
    this.nameEnd[node] = this.#nameEnd
    this.count = node + 1
    this.next[node] = node + 1
    this.#nameStart = -1
    this.#nameEnd = -1
    return node
  }

  #resize(capacity: number): void {
    this.kind = copied(this.kind, new Uint8Array(capacity))
    this.flags = copied(this.flags, new Uint8Array(capacity))
    this.start = copied(this.start, new Int32Array(capacity))
    this.end = copied(this.end, new Int32Array(capacity))
    this.next = copied(this.next, new Int32Array(capacity))
    this.nameStart = copied(this.nameStart, new Int32Array(capacity))
    this.nameEnd = copied(this.nameEnd, new Int32Array(capacity))
  }
}

/** A tape of its own arrays over `bytes` from `start` to `end`. Throws as {@link TapeBuilder.build} does. */
export function buildTape(bytes: Uint8Array, start: number, end: number, limits: Limits): Tape {
  return new TapeBuilder(limits).build(bytes, start, end)
}

/** `to`, filled with as much of `from` as fits. */
function copied<T extends Uint8Array | Int32Array>(from: T | undefined, to: T): T {
  if (from !== undefined) to.set(from.length > to.length ? from.subarray(0, to.length) : from)
  return to
}

/** The position after the colon that follows a member name. */
function colonAfter(bytes: Uint8Array, from: number, end: number): number {
  let at = from
  while (at < end && bytes[at] !== 0x3a) {
    assert((bytes[at] ?? 0) <= 0x20, 'a colon after the member name')
    at += 1
  }
  assert(at < end, 'a colon after the member name')
  return at + 1
}
