/** What authors should know of their queries: which hold back how much of a document until they are decided. */
import { needsDocument } from '../query/analysis.ts'
import type { ProgramSource } from '../program-source.ts'
import type { Query, Segment, Selector } from '../query/ast.ts'
import { needsLength } from './predicates.ts'

/** One sentence for each query that holds back more than the value it edits. */
export function notesOn(source: ProgramSource): readonly string[] {
  const queries = [
    ...source.targets.map(({ query }) => query),
    ...source.scopes.map(({ at }) => at),
  ]
  const bound = `at most ${source.limits.heldBytesMax} bytes`
  return [...new Set(queries.flatMap((query) => noteOn(query, bound)))]
}

function noteOn(query: Query, bound: string): string[] {
  const selectors = query.segments.flatMap((segment) => segment.selectors)
  if (selectors.some((one) => one.kind === 'filter' && needsDocument(one.test))) {
    return [`${query.text} holds back the whole document (${bound}): a filter asks from $.`]
  }
  if (query.segments.some(filtersDescendants)) {
    return [
      `${query.text} holds back each value below the root (${bound}): a filter is asked at every depth.`,
    ]
  }
  if (selectors.some((one) => one.kind === 'filter')) {
    return [`${query.text} holds back each candidate of its filter (${bound}).`]
  }
  if (selectors.some(countsFromEnd)) {
    return [`${query.text} holds back the whole array (${bound}): it counts from the end.`]
  }
  return []
}

function filtersDescendants(segment: Segment): boolean {
  return segment.kind === 'descendant' && segment.selectors.some((one) => one.kind === 'filter')
}

function countsFromEnd(selector: Selector): boolean {
  return (selector.kind === 'index' || selector.kind === 'slice') && needsLength(selector)
}
