/** The slow reference's exposures: every count with its place, joined to ids at the end. */
import type { ProgramSource } from '../../../src/json/program-source.ts'
import type { ToldExposures } from '../told-exposures.ts'
import type { TreeNode } from './tree.ts'

/** One location of a scope. */
export interface Place {
  readonly scope: number
  readonly node: TreeNode
  readonly order: number
  readonly counters: number[]
}

/** Collects the counts of one document. */
export class ReferenceCounts {
  readonly #source: ProgramSource
  readonly #total: number[]
  readonly #unscoped: number[]
  readonly #open: Place[] = []
  /** In the order in which they ended. */
  readonly #closed: Place[] = []
  #opened = 0

  constructor(source: ProgramSource) {
    this.#source = source
    this.#total = this.#zeros()
    this.#unscoped = this.#zeros()
  }

  open(scope: number, node: TreeNode): Place {
    const place = { scope, node, order: this.#opened, counters: this.#zeros() }
    this.#opened += 1
    this.#open.push(place)
    return place
  }

  close(): void {
    const place = this.#open.pop()
    if (place !== undefined) this.#closed.push(place)
  }

  add(counter: number, by: number, place: Place | undefined): void {
    this.#total[counter] = (this.#total[counter] ?? 0) + by
    const into = place?.counters ?? this.#unscoped
    into[counter] = (into[counter] ?? 0) + by
  }

  exposures(): ToldExposures {
    const subjects = new Map<string, Place & { id: string; first: number }>()
    const unscoped = [...this.#unscoped]
    let scopesOverflowed = false
    for (const place of this.#closed) {
      const ids = new Set(idsOf(place, this.#source))
      const [id] = ids
      if (id === undefined || ids.size > 1) {
        sum(unscoped, place.counters)
        continue
      }
      const key = `${place.scope}:${id}`
      const known = subjects.get(key)
      if (known !== undefined) {
        sum(known.counters, place.counters)
        known.first = Math.min(known.first, place.order)
      } else if (subjects.size < this.#source.limits.scopeIdsMax) {
        subjects.set(key, { ...place, counters: [...place.counters], id, first: place.order })
      } else {
        scopesOverflowed = true
        sum(unscoped, place.counters)
      }
    }
    return {
      counters: [...this.#total],
      subjects: [...subjects.values()]
        .sort((a, b) => a.first - b.first)
        .map(({ scope, id, counters }) => ({ scope, id, counters })),
      unscoped,
      scopesOverflowed,
    }
  }

  #zeros(): number[] {
    return Array.from({ length: this.#source.counterCount }, () => 0)
  }
}

function sum(into: number[], counters: readonly number[]): void {
  for (const [at, by] of counters.entries()) into[at] = (into[at] ?? 0) + by
}

/** Every id that stands where the scope's id query points; a name that stands twice gives two. */
function idsOf(place: Place, source: ProgramSource): readonly string[] {
  let nodes = [place.node]
  for (const { selectors } of source.scopes[place.scope]?.id.segments ?? []) {
    const [selector] = selectors
    nodes = nodes.flatMap((node) => {
      if (selector?.kind === 'name') {
        return node.children.filter(({ name }) => name === selector.name).map((one) => one.node)
      }
      if (selector?.kind !== 'index' || node.type !== 'array') return []
      const { index } = selector
      const child = node.children[index < 0 ? node.children.length + index : index]
      return child === undefined ? [] : [child.node]
    })
  }
  return nodes.flatMap(({ type, text }) => (type === 'string' || type === 'number' ? [text] : []))
}
