/** The slow reference's places: for each node its path, with `[*]` for all that no query spells out right there. */
import type { ProgramSource, Treatment } from '../../../src/json/program-source.ts'
import type { Query, Segment } from '../../../src/json/query/ast.ts'
import { quote } from '../../../src/json/query/quote.ts'
import { descendants, select } from './select.ts'
import type { TreeNode } from './tree.ts'

/** Counters for places; of what does not fit the last one. */
const PLACED = 300

/** The path of each node. */
export function toldPlaces(source: ProgramSource, root: TreeNode): ReadonlyMap<TreeNode, string> {
  const spelledOut = new Map<TreeNode, Set<string>>()
  for (const query of queriesOf(source)) {
    for (const [at, segment] of query.segments.entries()) {
      const { nodes } = select({ ...query, segments: query.segments.slice(0, at) }, root)
      for (const node of nodes) {
        for (const from of segment.kind === 'child' ? [node] : descendants(node)) {
          const names = spelledOut.get(from) ?? new Set()
          for (const name of namesOf(segment)) names.add(name)
          spelledOut.set(from, names)
        }
      }
    }
  }
  const places = new Map([[root, '$']])
  for (const node of descendants(root)) {
    for (const { name, node: child } of node.children) {
      const isTold = name !== undefined && spelledOut.get(node)?.has(name) === true
      places.set(child, `${places.get(node)}[${isTold ? quote(name) : '*'}]`)
    }
  }
  return places
}

/** The same program, which also counts by place, for each set of targets. */
export function withPlaces(source: ProgramSource): ProgramSource {
  const counters = new Map<string, number>()
  const { counterCount } = source
  const counterOf = (key: string): number => {
    const known = counters.get(key)
    if (known !== undefined || counters.size === PLACED) return known ?? counterCount + PLACED
    const counter = counterCount + counters.size
    counters.set(key, counter)
    return counter
  }
  return {
    ...source,
    counterCount: counterCount + PLACED + 1,
    places: true,
    resolve: (set): Treatment => ({
      ...source.resolve(set),
      countersAt: (place) => [counterOf(`${set.join()} ${place}`)],
    }),
  }
}

function queriesOf({ targets, scopes }: ProgramSource): readonly Query[] {
  return [
    ...targets.map(({ query }) => query),
    ...scopes.flatMap(({ at, id }) => [at, { ...at, segments: [...at.segments, ...id.segments] }]),
  ]
}

function namesOf({ selectors }: Segment): readonly string[] {
  return selectors.flatMap((selector) => (selector.kind === 'name' ? [selector.name] : []))
}
