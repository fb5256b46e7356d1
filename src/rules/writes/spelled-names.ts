/** The member names that queries spell out: they stand in the policy, so to name them tells nothing of the data. */
import type { Query } from '../../json/query/ast.ts'

export function spelledNames(queries: Iterable<Query>): ReadonlySet<string> {
  const names = new Set<string>()
  for (const { segments } of queries) {
    for (const selector of segments.flatMap(({ selectors }) => selectors)) {
      if (selector.kind === 'name') names.add(selector.name)
    }
  }
  return names
}
