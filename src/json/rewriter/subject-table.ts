/**
 * Finds data subjects by id. Most ids are whole numbers, many of them beyond 31 bits, where a Map makes an object of each key
 * that it is asked for: they have a table of their own, open addressed. Its order is drawn anew in each process, so that nobody
 * can choose ids that all land in one place.
 */
import { randomInt } from 'node:crypto'
import type { SubjectId } from './subject-id.ts'

const SLOTS_FIRST = 64
const BITS_FIRST = 6
const WORD_BITS = 32
const HALF = 2
const WORD = 4_294_967_296
const SPREAD = drawOdd()
const SPREAD_HIGH = drawOdd()
const SPREAD_SCOPE = drawOdd()
/** No whole number without a sign is it. */
const FREE = -1

/** Where each (scope, id) pair stands in a list: 0, 1, 2 ... in the order in which they came. */
export class SubjectTable {
  readonly #texts = new Map<string, number>()
  /** Id, scope and place of each slot; as many as a power of two, at most half of them taken. */
  #ids = new Float64Array(SLOTS_FIRST).fill(FREE)
  #scopes = new Uint32Array(SLOTS_FIRST)
  #places = new Uint32Array(SLOTS_FIRST)
  /** The upper bits of a product depend on all of its factors' bits: so many are left out. */
  #shift = WORD_BITS - BITS_FIRST
  #numbers = 0

  /** The place of the pair, or -1. */
  find(scope: number, id: SubjectId): number {
    if (typeof id === 'string') return this.#texts.get(textKey(scope, id)) ?? -1
    const slot = this.#slotOf(scope, id)
    return this.#ids[slot] === FREE ? -1 : (this.#places[slot] as number)
  }

  /** Adds a pair that is not there yet. */
  add(scope: number, id: SubjectId, place: number): void {
    if (typeof id === 'string') {
      this.#texts.set(textKey(scope, id), place)
      return
    }
    this.#numbers += 1
    if (this.#numbers * HALF > this.#ids.length) this.#grow()
    this.#put(scope, id, place)
  }

  /** Forgets all. */
  clear(): void {
    this.#texts.clear()
    this.#ids.fill(FREE)
    this.#numbers = 0
  }

  #put(scope: number, id: number, place: number): void {
    const slot = this.#slotOf(scope, id)
    this.#ids[slot] = id
    this.#scopes[slot] = scope
    this.#places[slot] = place
  }

  /** The slot of the pair, or the free one where it would stand. */
  #slotOf(scope: number, id: number): number {
    const ids = this.#ids
    const last = ids.length - 1
    const mixed = (id >>> 0) ^ Math.imul(id / WORD, SPREAD_HIGH) ^ Math.imul(scope, SPREAD_SCOPE)
    let slot = Math.imul(mixed, SPREAD) >>> this.#shift
    for (;;) {
      const there = ids[slot] as number
      if (there === FREE || (there === id && this.#scopes[slot] === scope)) return slot
      slot = (slot + 1) & last
    }
  }

  #grow(): void {
    const [ids, scopes, places] = [this.#ids, this.#scopes, this.#places]
    this.#shift -= 1
    this.#ids = new Float64Array(ids.length * HALF).fill(FREE)
    this.#scopes = new Uint32Array(ids.length * HALF)
    this.#places = new Uint32Array(ids.length * HALF)
    for (let slot = 0; slot < ids.length; slot += 1) {
      const id = ids[slot] as number
      if (id !== FREE) this.#put(scopes[slot] as number, id, places[slot] as number)
    }
  }
}

function textKey(scope: number, id: string): string {
  return `${scope} ${id}`
}

function drawOdd(): number {
  return randomInt(WORD / HALF) * HALF + 1
}
