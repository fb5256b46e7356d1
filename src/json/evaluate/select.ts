/** Evaluates a whole query over a tape, exactly as RFC 9535 says. */
import type { Query } from '../query/ast.ts'
import type { Tape } from '../tape/tape.ts'
import type { Budget } from './budget.ts'
import { compileTest } from './filter.ts'
import type { Visitor } from './run.ts'
import { compileSegments } from './visit.ts'

const compiled = new WeakMap<Query, Visitor>()

/**
 * The nodes that the query selects, in the order of the RFC and as often as it says. Outside of filters a name
 * selects every member that has it. Throws a JsonWorkError where the budget runs out, and a JsonAmbiguousError where
 * a filter hangs on a name that an object has twice.
 */
export function selectNodes(query: Query, tape: Tape, budget: Budget): number[] {
  let visit = compiled.get(query)
  if (visit === undefined) {
    visit = compileSegments(query.segments, { compileTest, insideFilter: false })
    compiled.set(query, visit)
  }
  const nodes: number[] = []
  visit({ tape, root: 0, budget }, 0, (node) => {
    budget.spend(1)
    nodes.push(node)
    return false
  })
  return nodes
}
