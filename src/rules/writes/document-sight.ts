/** The sights of every node of one document, found by running the queries of a route over its tape. */
import { Budget } from '../../json/evaluate/budget.ts'
import { selectNodes } from '../../json/evaluate/select.ts'
import type { Query } from '../../json/query/ast.ts'
import { childrenOf, isBare, isContainer, memberNameOf } from '../../json/tape/children.ts'
import { KIND_NULL, KIND_OBJECT, KIND_STRING, type Tape } from '../../json/tape/tape.ts'
import { leafAt, sameLeaf } from './leaf.ts'
import { shownAs } from './shown-as.ts'
import type { Sight, Sights } from './sight.ts'

/** Bytes of the empty string as it is written. */
const EMPTY_STRING_BYTES = 2

/** See the file. */
export class DocumentSight {
  readonly tape: Tape
  readonly sights: Sights
  readonly #sight: Sight[] = []
  /** Members whose names are masked. */
  readonly #nameless = new Set<number>()
  /** [node]: hidden places before it, so that a sub-tree is asked in one step. */
  readonly #hiddenBefore: Uint32Array

  /** Throws a JsonWorkError or a JsonAmbiguousError where the queries cannot be decided over the document. */
  constructor(tape: Tape, sights: Sights) {
    this.tape = tape
    this.sights = sights
    this.#find()
    this.#hiddenBefore = new Uint32Array(tape.count + 1)
    for (let node = 0; node < tape.count; node += 1) {
      const before = this.#hiddenBefore[node] ?? 0
      this.#hiddenBefore[node + 1] = before + (this.isHiddenPlace(node) ? 1 : 0)
    }
  }

  of(node: number): Sight {
    return this.#sight[node] as Sight
  }

  /**
   * True where something stands here that the subject does not see: a leaf or container that is not shown as it is, what is not
   * shown at all, a member whose name is masked, or an object of such.
   */
  isHiddenPlace(node: number): boolean {
    const { mask, masksNames } = this.of(node)
    if (this.isSuppressed(node) || this.hidesName(node)) return true
    if (isContainer(this.tape, node)) {
      return mask?.container !== undefined || (masksNames && !isBare(this.tape, node))
    }
    if (mask === undefined || holdsSomething(this.tape, node)) return mask !== undefined
    // Most operators let null and the empty string stand, and then they are no secret.
    const raw = leafAt(this.tape, node)
    const shown = shownAs(mask, raw, this.sights.rules.limits)
    return shown === undefined || raw === undefined || !sameLeaf(shown, raw)
  }

  /** True for a member whose name is masked. */
  hidesName(node: number): boolean {
    return this.#nameless.has(node)
  }

  /** True where a member of this name, in an object at the node, would not be seen by its name. */
  wouldHideName(node: number, name: string): boolean {
    const { mask, masksNames } = this.of(node)
    return masksNames || (mask !== undefined && this.sights.isForeign(name))
  }

  /** True where there is such a place at the node or below it. */
  hides(node: number): boolean {
    const after = this.tape.next[node] ?? 0
    return (this.#hiddenBefore[after] ?? 0) > (this.#hiddenBefore[node] ?? 0)
  }

  /** The hidden places at the node and below it. */
  *hiddenPlaces(node: number): Generator<number> {
    const after = this.tape.next[node] ?? 0
    for (let below = node; below < after; below += 1) if (this.isHiddenPlace(below)) yield below
  }

  /** True where the value is replaced or removed as a whole, whatever is in it. */
  isMaskedWhole(node: number): boolean {
    const { mask } = this.of(node)
    if (mask === undefined) return false
    return !isContainer(this.tape, node) || mask.container !== undefined
  }

  /** True where the subject does not even see that the node is there. */
  isSuppressed(node: number): boolean {
    const { mask } = this.of(node)
    return (isContainer(this.tape, node) ? mask?.container : mask?.leaf)?.kind === 'suppress'
  }

  #find(): void {
    const { tape, sights } = this
    const { queries, limits } = sights.rules
    const budget = new Budget(limits.filterStepsMax)
    const select = (query: Query) => selectNodes(query, tape, budget)
    const marked = new Map<number, number[]>()
    for (const [number, { query }] of sights.covering.entries()) {
      for (const node of select(query)) {
        const marks = marked.get(node)
        if (marks === undefined) marked.set(node, [number])
        else if (marks.at(-1) !== number) marks.push(number)
      }
    }
    const plain = new Set(queries.plain.flatMap(({ query }) => select(query)))
    const dictionaries = new Set(queries.dictionaries.flatMap(({ query }) => select(query)))
    // The open containers, with where they end and what covers their insides.
    const open = [{ end: tape.count, cover: sights.nothing }]
    for (let node = 0; node < tape.count; node += 1) {
      while (node >= (open.at(-1)?.end ?? 0)) open.pop()
      const around = open.at(-1)?.cover ?? sights.nothing
      const marks = marked.get(node)
      const cover = marks === undefined ? around : around.with(marks)
      const isDictionary = tape.kind[node] === KIND_OBJECT && dictionaries.has(node)
      const sight = cover.sight(plain.has(node) && isBare(tape, node), isDictionary)
      this.#sight.push(sight)
      if (!isBare(tape, node)) {
        open.push({ end: tape.next[node] ?? 0, cover })
        this.#hideNames(node, sight)
      }
    }
  }

  /** Where values are masked, names that look like data are too. */
  #hideNames(node: number, { mask, masksNames }: Sight): void {
    if (this.tape.kind[node] !== KIND_OBJECT || (mask === undefined && !masksNames)) return
    for (const member of childrenOf(this.tape, node)) {
      const isHidden = masksNames || this.sights.isForeign(memberNameOf(this.tape, member))
      if (isHidden) this.#nameless.add(member)
    }
  }
}

/** For what is {@link isBare}: null, the empty string and empty containers hold nobody's data. */
export function holdsSomething(tape: Tape, node: number): boolean {
  const kind = tape.kind[node]
  if (kind === KIND_NULL || isContainer(tape, node)) return false
  const bytes = (tape.end[node] ?? 0) - (tape.start[node] ?? 0)
  return kind !== KIND_STRING || bytes > EMPTY_STRING_BYTES
}
