/** What the queries of a route are to its masking program: numbered targets, and what is done at those that name no class. */
import { strict as assert } from 'node:assert'
import type { Target } from '../../json/program-source.ts'
import type { OperatorInstance } from '../operator.ts'
import { SUPPRESS } from '../operators/suppress.ts'
import type { RouteQueries } from './route-queries.ts'

export interface LedSource {
  readonly queries: RouteQueries
  /** Needed where the route has links. */
  readonly link: OperatorInstance | undefined
  /** What seals cursors of the route. */
  readonly cursor: OperatorInstance
}

/** Of classes first, in the order of the policy; then those that {@link ledBy} tells by their numbers, and dictionaries. */
export function targetsOf({
  fields,
  anywhere,
  plain,
  links,
  cursors,
  removed,
  dictionaries,
}: RouteQueries): Target[] {
  return [
    ...[...fields, ...anywhere].map(({ query }): Target => ({ query, reach: 'subtree' })),
    ...plain.map(({ query }): Target => ({ query, reach: 'leaf' })),
    ...[...links, ...cursors, ...removed].map(({ query }): Target => ({ query, reach: 'subtree' })),
    ...dictionaries.map(({ query }): Target => ({ query, reach: 'names' })),
  ]
}

/** What is done at links, cursors and what is removed, whatever class is there. */
export function ledBy(covering: readonly number[], source: LedSource): readonly OperatorInstance[] {
  const { fields, anywhere, plain, links, cursors, removed } = source.queries
  const firstLink = fields.length + anywhere.length + plain.length
  const firstCursor = firstLink + links.length
  const firstRemoved = firstCursor + cursors.length
  const within = (from: number, to: number) =>
    covering.some((target) => target >= from && target < to)
  return [
    ...(within(firstLink, firstCursor) ? [linkOf(source)] : []),
    ...(within(firstCursor, firstRemoved) ? [source.cursor] : []),
    ...(within(firstRemoved, firstRemoved + removed.length) ? [SUPPRESS] : []),
  ]
}

function linkOf({ link }: LedSource): OperatorInstance {
  assert(link !== undefined, 'a policy that leads links to the gateway says where it is')
  return link
}
