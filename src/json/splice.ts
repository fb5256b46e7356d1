/**
 * Edits of a document by the nodes of its tape: values replaced, members and elements taken out or added. Bytes that no edit
 * is about stay as they came, white space too.
 */
import { childrenOf } from './tape/children.ts'
import type { Tape } from './tape/tape.ts'

/** Collects edits of one document, then writes it anew. An edit inside of a value that is replaced or taken out is lost. */
export class Splices {
  readonly #tape: Tape
  readonly #values = new Map<number, Uint8Array | undefined>()
  readonly #added = new Map<number, Uint8Array[]>()
  readonly #before = new Map<number, Uint8Array[]>()
  /** Nodes that an edit is about, ascending; known when it is written. */
  #touched: readonly number[] = []

  constructor(tape: Tape) {
    this.#tape = tape
  }

  /** True where nothing is to be changed. */
  get empty(): boolean {
    return this.#values.size === 0 && this.#added.size === 0
  }

  /** Writes `json` in place of the value. */
  put(node: number, json: Uint8Array): void {
    this.#values.set(node, json)
  }

  /** Takes a member, with its name, or an element out. The root cannot be taken out. */
  drop(node: number): void {
    this.#values.set(node, undefined)
  }

  isDropped(node: number): boolean {
    return this.#values.has(node) && this.#values.get(node) === undefined
  }

  /** Adds an item at the end of a container: an element's JSON text, or a member's with its name and colon. */
  add(container: number, item: Uint8Array): void {
    const items = this.#added.get(container)
    if (items === undefined) this.#added.set(container, [item])
    else items.push(item)
  }

  /** Adds an element of an array before one that is there. */
  addBefore(array: number, element: number, item: Uint8Array): void {
    const items = this.#before.get(element)
    if (items === undefined) this.#before.set(element, [item])
    else items.push(item)
    if (!this.#added.has(array)) this.#added.set(array, [])
  }

  /** The document with all edits. */
  write(): Buffer {
    const { bytes } = this.#tape
    this.#touched = [...this.#values.keys(), ...this.#added.keys()].sort((a, b) => a - b)
    const out: Uint8Array[] = [bytes.subarray(0, this.#tape.start[0])]
    this.#value(0, out)
    out.push(bytes.subarray(this.#tape.end[0]))
    return Buffer.concat(out)
  }

  #value(node: number, out: Uint8Array[]): void {
    const { bytes, start, end } = this.#tape
    const replaced = this.#values.get(node)
    if (replaced !== undefined) {
      out.push(replaced)
      return
    }
    if (this.#isTouched(node)) this.#container(node, out)
    else out.push(bytes.subarray(start[node], end[node]))
  }

  /** True where an edit is about the node or something below it. */
  #isTouched(node: number): boolean {
    const touched = this.#touched
    let low = 0
    let high = touched.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((touched[middle] ?? 0) < node) low = middle + 1
      else high = middle
    }
    return (touched[low] ?? this.#tape.count) < (this.#tape.next[node] ?? 0)
  }

  #container(node: number, out: Uint8Array[]): void {
    const { bytes, start, end } = this.#tape
    const first = start[node] ?? 0
    const added = this.#added.get(node) ?? []
    let written = 0
    const add = (items: readonly Uint8Array[]): void => {
      for (const item of items) {
        if (written > 0) out.push(COMMA)
        out.push(item)
        written += 1
      }
    }
    // Where the space, and but for the first item the comma, before the item at hand begins.
    let gap = first + 1
    out.push(bytes.subarray(first, gap))
    for (const child of childrenOf(this.#tape, node)) {
      const itemStart = this.#itemStart(child)
      add(this.#before.get(child) ?? [])
      if (!this.isDropped(child)) {
        out.push(...separated(bytes.subarray(gap, itemStart), written > 0))
        out.push(bytes.subarray(itemStart, start[child]))
        this.#value(child, out)
        written += 1
      }
      gap = end[child] ?? 0
    }
    add(added)
    out.push(bytes.subarray(gap, end[node]))
  }

  #itemStart(child: number): number {
    const name = this.#tape.nameStart[child] ?? -1
    return name < 0 ? (this.#tape.start[child] ?? 0) : name - 1
  }
}

const COMMA = Buffer.from(',')

/** What stands before an item, with the comma or without it. */
function separated(separator: Uint8Array, withComma: boolean): readonly Uint8Array[] {
  const at = separator.indexOf(0x2c)
  if (withComma) return at < 0 ? [COMMA, separator] : [separator]
  return [at < 0 ? separator : separator.subarray(at + 1)]
}
