/**
 * Which queries of two policies can cover the same place of some document, whatever it is: the queries of both are followed
 * together, step by step, and each set that comes up is told with one place. Filters, indices and slices may hold or not;
 * the same text holds for both or for none.
 */
import type { Query, Segment, Selector } from '../../json/query/ast.ts'
import { formatQuery } from '../../json/query/format.ts'

/** A query; `subtree` covers all below, too. */
export interface FollowedQuery {
  readonly query: Query
  readonly reach: 'subtree' | 'leaf'
}

export interface CoverPair {
  /** Positions in the two lists. */
  readonly before: readonly number[]
  readonly after: readonly number[]
  /** One place where it is so; `*` is any name, `[*]` any element. */
  readonly place: string
}

/** What may or may not hold at one step. */
const OPEN_MAX = 8

/** How many positions and selectors may still be looked at, over all routes: the work, also where it finds nothing new. */
export interface PairBudget {
  left: number
}

/** Every pair that some document can have; undefined where there are more than are looked at. */
export function coverPairs(
  before: readonly FollowedQuery[],
  after: readonly FollowedQuery[],
  budget: PairBudget,
): readonly CoverPair[] | undefined {
  const walk = new Walk([...before, ...after], before.length, { budget, only: undefined })
  return walk.run() ? [...walk.pairs.values()] : undefined
}

/** The same of the places that `place` selects. Its own position is in no pair. */
export function coverPairsAt(
  place: Query,
  before: readonly FollowedQuery[],
  after: readonly FollowedQuery[],
  budget: PairBudget,
): readonly CoverPair[] | undefined {
  const last = { query: place, reach: 'leaf' } as const
  const only = before.length + after.length
  const walk = new Walk([...before, ...after, last], before.length, { budget, only })
  return walk.run() ? [...walk.pairs.values()] : undefined
}

/** Where a query stands: how many of its segments are behind. As many as there are: it has selected. */
interface Item {
  readonly target: number
  readonly at: number
}

type Step =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'other' }
  | { readonly kind: 'element' }

interface State {
  readonly items: readonly Item[]
  readonly place: string
}

class Walk {
  readonly pairs = new Map<string, CoverPair>()
  readonly #seen = new Set<string>()
  readonly #queue: State[] = []
  readonly #targets: readonly FollowedQuery[]
  readonly #split: number

  readonly #budget: PairBudget
  /** Position of the query whose places alone count; undefined: all do. */
  readonly #only: number | undefined

  constructor(
    targets: readonly FollowedQuery[],
    split: number,
    { budget, only }: { readonly budget: PairBudget; readonly only: number | undefined },
  ) {
    this.#budget = budget
    this.#only = only
    this.#targets = targets
    this.#split = split
  }

  run(): boolean {
    this.#enter(
      this.#targets.map((_, target) => ({ target, at: 0 })),
      '$',
    )
    // The shortest place to a set is found first.
    for (let next = 0; next < this.#queue.length; next += 1) {
      if (!this.#leave(this.#queue[next] as State)) return false
    }
    return true
  }

  #segments(target: number): readonly Segment[] {
    return this.#targets[target]?.query.segments ?? []
  }

  #enter(items: readonly Item[], place: string): void {
    // Nothing below is a place that counts.
    const only = this.#only
    if (only !== undefined && !items.some(({ target }) => target === only)) return
    const key = items.map(({ target, at }) => `${target}.${at}`).join(' ')
    if (this.#seen.has(key)) return
    this.#seen.add(key)
    this.#queue.push({ items, place })
    const covering = items.flatMap(({ target, at }) =>
      at === this.#segments(target).length ? target : [],
    )
    if (only !== undefined && !covering.includes(only)) return
    const before = covering.filter((target) => target < this.#split)
    const after = covering
      .filter((target) => target >= this.#split && target !== only)
      .map((target) => target - this.#split)
    const pair = `${before.join(' ')}|${after.join(' ')}`
    if (!this.pairs.has(pair)) this.pairs.set(pair, { before, after, place })
  }

  // To each child that some query tells apart from others, and to one that none does. False where that is too much.
  #leave({ items, place }: State): boolean {
    const selectors = items.flatMap(({ target, at }) => this.#segments(target)[at]?.selectors ?? [])
    const names = new Set(selectors.flatMap((one) => (one.kind === 'name' ? one.name : [])))
    const steps: readonly Step[] = [
      ...[...names].map((name) => ({ kind: 'name', name }) as const),
      { kind: 'other' },
      { kind: 'element' },
    ]
    for (const step of steps) {
      const open = [...new Set(selectors.flatMap((selector) => openText(selector, step) ?? []))]
      if (open.length > OPEN_MAX) return false
      for (let chosen = 0; chosen < 2 ** open.length; chosen += 1) {
        this.#budget.left -= items.length + selectors.length
        if (this.#budget.left < 0) return false
        const holding = new Set(open.filter((_, bit) => (chosen & (1 << bit)) !== 0))
        this.#enter(this.#after(items, step, holding), `${place}${stepText(step, holding)}`)
      }
    }
    return true
  }

  #after(items: readonly Item[], step: Step, holding: ReadonlySet<string>): readonly Item[] {
    const next = new Map<string, Item>()
    const add = (target: number, at: number) => next.set(`${target}.${at}`, { target, at })
    for (const { target, at } of items) {
      const segments = this.#segments(target)
      const segment = segments[at]
      if (segment === undefined) {
        if (this.#targets[target]?.reach === 'subtree') add(target, at)
        continue
      }
      if (segment.kind === 'descendant') add(target, at)
      if (segment.selectors.some((selector) => selects(selector, step, holding)))
        add(target, at + 1)
    }
    // What covers all below has nothing left to find out.
    const done = new Set(
      [...next.values()].flatMap(({ target, at }) =>
        at === this.#segments(target).length && this.#targets[target]?.reach === 'subtree'
          ? target
          : [],
      ),
    )
    return [...next.values()]
      .filter(({ target, at }) => at === this.#segments(target).length || !done.has(target))
      .toSorted((a, b) => a.target - b.target || a.at - b.at)
  }
}

function selects(selector: Selector, step: Step, holding: ReadonlySet<string>): boolean {
  if (selector.kind === 'wildcard') return true
  if (selector.kind === 'name') return step.kind === 'name' && step.name === selector.name
  const open = openText(selector, step)
  return open !== undefined && holding.has(open)
}

/** The text of what may hold at this step; undefined where it is known. */
function openText(selector: Selector, step: Step): string | undefined {
  if (selector.kind === 'name' || selector.kind === 'wildcard') return undefined
  if (selector.kind !== 'filter' && step.kind !== 'element') return undefined
  return formatQuery({ text: '', segments: [{ kind: 'child', selectors: [selector] }] }).slice(1)
}

function stepText(step: Step, holding: ReadonlySet<string>): string {
  const [first] = holding
  if (first !== undefined) return first
  if (step.kind === 'element') return '[*]'
  if (step.kind === 'other') return '.*'
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(step.name)
    ? `.${step.name}`
    : `[${JSON.stringify(step.name)}]`
}
