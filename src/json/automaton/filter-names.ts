/** The names that a look-ahead over a candidate's own members must find, for filters that need no more than that. */
import { isSimpleTest, namesIn } from '../query/analysis.ts'
import type { Query } from '../query/ast.ts'

/** The names in all simple filters of a query. */
export function namesOfSimpleFilters(query: Query): string[] {
  return query.segments.flatMap((segment) =>
    segment.selectors.flatMap((selector) =>
      selector.kind === 'filter' && isSimpleTest(selector.test) ? namesIn(selector.test) : [],
    ),
  )
}
