/** Parses what a route says of the writes of its record. */
import { isSingular, type Query } from '../../json/query/ast.ts'
import type { WriteDocument } from '../policy/document.ts'
import type { PolicyPath } from '../policy/fault.ts'
import type { ListRule, Step, WriteRules } from '../writes/write-rules.ts'
import type { Complaints } from './complaints.ts'
import { placedQueries } from './route-queries.ts'
import type { PlacedQuery } from './route-queries.ts'

export interface CompiledWriteRules {
  readonly rules: WriteRules
  /** Each of its queries on answers with its place, for the fixture. */
  readonly onAnswers: readonly PlacedQuery[]
  /** The place of the record in a request. */
  readonly onRequests: readonly PlacedQuery[]
}

/** The rules; what is wrong with them goes to `complaints`, and is left out. */
export function compileWriteRules(
  write: WriteDocument,
  path: PolicyPath,
  complaints: Complaints,
): CompiledWriteRules {
  const merged = placedQueries(write.merged ?? [], [...path, 'merged'], complaints)
  const upstreamSets = placedQueries(
    write.upstreamSets ?? [],
    [...path, 'upstreamSets'],
    complaints,
  )
  const lists = (write.lists ?? []).flatMap((list, index): PlacedList[] => {
    const at = [...path, 'lists', index, 'at']
    const query = complaints.query(at, list.at)
    const key = complaints.query([...path, 'lists', index, 'key'], list.key, 'relative')
    if (query === undefined || key === undefined) return []
    return [{ query, path: at, rule: { at: query, key: stepsOf(key), update: list.update } }]
  })
  const request = placeOf(write.record?.request, [...path, 'record', 'request'], complaints)
  const answer = placeOf(write.record?.answer, [...path, 'record', 'answer'], complaints)
  const update = write.update ?? 'partial'
  if (update === 'replace' && write.returned === 'remove') {
    complaints.add(
      [...path, 'returned'],
      'a mask that is removed from a request that replaces the record would remove what it hides',
      'write `returned: restore` or `returned: refuse`',
    )
  }
  return {
    rules: {
      record: {
        request: stepsOf(request?.query).filter((step) =>
          requireName(step, [...path, 'record', 'request'], complaints),
        ),
        answer: stepsOf(answer?.query),
      },
      update,
      returned: write.returned,
      absent: write.absent ?? 'restore',
      empty: write.empty ?? 'keep',
      lists: lists.map(({ rule }) => rule),
      merged: merged.map(({ query }) => query),
      upstreamSets: upstreamSets.map(({ query }) => query),
    },
    onAnswers: [...merged, ...upstreamSets, ...lists, ...(answer === undefined ? [] : [answer])],
    onRequests: request === undefined ? [] : [request],
  }
}

interface PlacedList extends PlacedQuery {
  readonly rule: ListRule
}

/** The place of one record, undefined where it is the whole document or none. */
function placeOf(
  text: string | undefined,
  path: PolicyPath,
  complaints: Complaints,
): PlacedQuery | undefined {
  const query = text === undefined ? undefined : complaints.query(path, text)
  if (query === undefined) return undefined
  const steps = isSingular(query.segments) ? stepsOf(query) : [-1]
  // Counted from the end, or not at all: the place must be the same in every document.
  if (steps.every((step) => typeof step === 'string' || step >= 0)) return { query, path }
  complaints.add(
    path,
    `\`${query.text}\` is not the place of one record`,
    'only names, and indices from the start',
  )
  return undefined
}

// A patch has no array around the record whose elements could be counted.
function requireName(step: Step, path: PolicyPath, complaints: Complaints): step is string {
  if (typeof step === 'string') return true
  complaints.add(path, 'the record is found by names in a request', 'for example $.user')
  return false
}

function stepsOf(query: Query | undefined): readonly Step[] {
  return (query?.segments ?? []).flatMap(({ selectors }) =>
    selectors.flatMap((selector): Step[] => {
      if (selector.kind === 'name') return [selector.name]
      return selector.kind === 'index' ? [selector.index] : []
    }),
  )
}
