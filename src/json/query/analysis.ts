/** What can be said of a query before any document is there. */
import type { Comparable, FilterQuery, LogicalExpression, Query } from './ast.ts'
import { walkSegments, walkTest, type QueryVisitor } from './walk.ts'

/** True where the filter, or a filter in it, asks the document (`$`) and not only the candidate. */
export function needsDocument(test: LogicalExpression): boolean {
  let found = false
  walkTest(test, {
    filterQuery: (query) => {
      found ||= query.from === 'root'
    },
  })
  return found
}

/**
 * True where one look at the candidate's own members decides: `||`, `&&` and `!` over the existence of `@.name` and
 * over comparisons of `@.name` with a literal.
 */
export function isSimpleTest(test: LogicalExpression): boolean {
  switch (test.kind) {
    case 'or':
    case 'and':
      return test.operands.every(isSimpleTest)
    case 'not':
      return isSimpleTest(test.operand)
    case 'exists':
      return isOneName(test.query)
    case 'compare':
      return isOwnMember(test.left)
        ? test.right.kind === 'literal'
        : test.left.kind === 'literal' && isOwnMember(test.right)
    default:
      return false
  }
}

/** Every member name that the query or filter spells out, also inside its filters; in order, without repeats. */
export function namesIn(source: Query | LogicalExpression): readonly string[] {
  const names = new Set<string>()
  const visitor: QueryVisitor = {
    selector: (selector) => {
      if (selector.kind === 'name') names.add(selector.name)
    },
  }
  if ('segments' in source) walkSegments(source.segments, visitor)
  else walkTest(source, visitor)
  return [...names]
}

function isOwnMember(side: Comparable): boolean {
  return side.kind === 'query' && isOneName(side.query)
}

function isOneName(query: FilterQuery): boolean {
  const [segment] = query.segments
  return (
    query.from === 'candidate' &&
    query.segments.length === 1 &&
    segment?.kind === 'child' &&
    segment.selectors.length === 1 &&
    segment.selectors[0]?.kind === 'name'
  )
}
