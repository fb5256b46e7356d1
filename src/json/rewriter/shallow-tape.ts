/** A tape of one object and some of its members, written by a look-ahead in the same arrays again and again. */
import type { Tape } from '../tape/tape.ts'

const NODES_MIN = 16
/** Nodes kept room for when a look-ahead has needed more. */
const NODES_KEPT = 4_096

/** Node 0 is the candidate; the others are members of it, which have no children here. */
export class ShallowTape implements Tape {
  bytes: Uint8Array = new Uint8Array(0)
  count = 0
  kind = new Uint8Array(NODES_MIN)
  flags = new Uint8Array(NODES_MIN)
  start = new Int32Array(NODES_MIN)
  end = new Int32Array(NODES_MIN)
  next = new Int32Array(NODES_MIN)
  nameStart = new Int32Array(NODES_MIN)
  nameEnd = new Int32Array(NODES_MIN)

  /** Begins with a candidate and no members. */
  begin(bytes: Uint8Array, kind: number, start: number): void {
    if (this.kind.length > NODES_KEPT) this.#resize(NODES_MIN)
    this.bytes = bytes
    this.count = 0
    this.add(kind, 0)
    this.place(start, start, -1, -1)
  }

  /** Adds a node; {@link place} says where it stands. */
  add(kind: number, flags: number): void {
    if (this.count === this.kind.length) this.#resize(this.count * 2)
    this.kind[this.count] = kind
    this.flags[this.count] = flags
    this.count += 1
    this.next[this.count - 1] = this.count
  }

  /** Where the node added last stands. */
  place(start: number, end: number, nameStart: number, nameEnd: number): void {
    const node = this.count - 1
    this.start[node] = start
    this.end[node] = end
    this.nameStart[node] = nameStart
    this.nameEnd[node] = nameEnd
  }

  /** The candidate ends here, with the members added. */
  close(end: number): void {
    this.end[0] = end
    this.next[0] = this.count
  }

  #resize(capacity: number): void {
    this.kind = resized(this.kind, new Uint8Array(capacity))
    this.flags = resized(this.flags, new Uint8Array(capacity))
    this.start = resized(this.start, new Int32Array(capacity))
    this.end = resized(this.end, new Int32Array(capacity))
    this.next = resized(this.next, new Int32Array(capacity))
    this.nameStart = resized(this.nameStart, new Int32Array(capacity))
    this.nameEnd = resized(this.nameEnd, new Int32Array(capacity))
  }
}

function resized<T extends Uint8Array | Int32Array>(from: T, to: T): T {
  to.set(from.length > to.length ? from.subarray(0, to.length) : from)
  return to
}
