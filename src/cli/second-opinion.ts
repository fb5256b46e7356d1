/**
 * What jsonpath-plus would select, beside what RFC 9535 selects: many authors know that dialect. It never decides
 * anything; `eval: false` keeps it from running code.
 */
import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { JSONPath } from 'jsonpath-plus'
import { Budget } from '../json/evaluate/budget.ts'
import { selectNodes } from '../json/evaluate/select.ts'
import { documentsOf } from '../json/formats/formats.ts'
import { DEFAULT_LIMITS } from '../json/limits.ts'
import type { Query, Segment } from '../json/query/ast.ts'
import { formatQuery } from '../json/query/format.ts'
import { locationOf } from '../json/tape/location.ts'
import { buildTape } from '../json/tape/tape.ts'
import type { Tape } from '../json/tape/tape.ts'
import type { CompiledPolicyWithQueries } from '../rules/compile/compile-policy.ts'
import type { CompiledRoute } from '../rules/compile/routes.ts'

/** A query of a route that the two dialects read differently over the route's fixture. */
export interface DialectDifference {
  /** `GET /api/v2/users/{id:integer}` */
  readonly route: string
  readonly query: string
  /** Locations that RFC 9535 selects. */
  readonly selected: number
  /** Of these, those that jsonpath-plus does not select; undefined where it refuses the query. */
  readonly missed: number | undefined
  /** Locations that jsonpath-plus selects beside them. */
  readonly added: number
  /** `filter`: with each filter read as `*` they agree, so it is only that filters are not evaluated there. */
  readonly cause: 'filter' | 'other'
}

/** Every difference, in the order of the policy. Reads the fixtures, which must be there: call it for a policy that was loaded. */
export function compareDialects(
  file: string,
  { routeList }: CompiledPolicyWithQueries,
): readonly DialectDifference[] {
  return routeList.flatMap((route) => {
    if (route.fixture === undefined) return []
    const fixtures = readFixtures(resolve(dirname(file), route.fixture), route)
    return queriesOf(route).flatMap((query) => {
      const differences = fixtures.map((fixture) => compare(query, fixture))
      const difference = differences.find((found) => found !== undefined)
      return difference === undefined ? [] : [{ route: route.template.text, ...difference }]
    })
  })
}

/** The differences in sentences: one for all that come of filters alone, one for each of the others. */
export function secondOpinion(file: string, policy: CompiledPolicyWithQueries): readonly string[] {
  const differences = compareDialects(file, policy)
  const others = differences.filter(({ cause }) => cause === 'other')
  const filters = differences.length - others.length
  const summary =
    filters === 0
      ? []
      : [
          `${filters === 1 ? '1 query has a filter' : `${filters} queries have filters`}; jsonpath-plus may not evaluate filters here, and reads everything around them in the same way`,
        ]
  return [...summary, ...others.map(describe)]
}

function describe({ route, query, selected, missed, added }: DialectDifference): string {
  const ours = `${route}: \`${query}\` selects ${selected} ${selected === 1 ? 'node' : 'nodes'} of the fixture`
  if (missed === undefined) return `${ours}; jsonpath-plus refuses it`
  const all = selected === 1 ? 'it' : 'all of them'
  const parts = [
    ...(missed > 0 ? [`miss ${missed === selected ? all : `${missed} of them`}`] : []),
    ...(added > 0 ? [`select ${added} ${missed > 0 ? 'others' : 'more'}`] : []),
  ]
  return `${ours}; jsonpath-plus would ${parts.join(' and ')}`
}

interface Fixture {
  readonly tape: Tape
  readonly value: unknown
}

/** The documents of a fixture: of a format with records, each record. */
function readFixtures(path: string, { format }: CompiledRoute): readonly Fixture[] {
  return documentsOf(format, readFileSync(path)).map((bytes) => ({
    tape: buildTape(bytes, 0, bytes.byteLength, DEFAULT_LIMITS),
    value: JSON.parse(bytes.toString('utf8')),
  }))
}

function queriesOf({ queries }: CompiledRoute): readonly Query[] {
  const { fields, plain, dictionaries, anywhere, dataSubjects } = queries
  return [
    ...[...fields, ...plain, ...dictionaries, ...anywhere].map(({ query }) => query),
    ...dataSubjects.map(({ at }) => at),
  ]
}

function compare(query: Query, fixture: Fixture): Omit<DialectDifference, 'route'> | undefined {
  const ours = pointersOf(query, fixture.tape)
  const theirs = pointersOfJsonPathPlus(query.text, fixture.value)
  const missed = theirs && ours.difference(theirs).size
  const added = theirs?.difference(ours).size ?? 0
  if (missed === 0 && added === 0) return undefined
  const open = withoutFilters(query)
  const cause =
    open !== undefined && compare(open, fixture) === undefined
      ? ('filter' as const)
      : ('other' as const)
  return { query: query.text, selected: ours.size, missed, added, cause }
}

/** The query with `*` for each filter; undefined where it has none. */
function withoutFilters({ segments }: Query): Query | undefined {
  let found = false
  const open = segments.map(({ kind, selectors }): Segment => {
    if (!selectors.some((selector) => selector.kind === 'filter')) return { kind, selectors }
    found = true
    const others = selectors.filter(
      (selector) => selector.kind !== 'filter' && selector.kind !== 'wildcard',
    )
    return { kind, selectors: [...others, { kind: 'wildcard' }] }
  })
  return found ? { text: formatQuery({ text: '', segments: open }), segments: open } : undefined
}

const STEP = /\[(?:(\d+)|'((?:[^'\\]|\\.)*)')\]/g

/** The locations as JSON Pointers (RFC 6901), the one form that jsonpath-plus writes without doubt. */
function pointersOf(query: Query, tape: Tape): ReadonlySet<string> {
  const nodes = selectNodes(query, tape, new Budget(DEFAULT_LIMITS.filterStepsMax))
  return new Set(nodes.map((node) => locationOf(tape, node).slice(1).replace(STEP, pointerStep)))
}

function pointerStep(_step: string, index: string | undefined, name: string | undefined): string {
  if (name === undefined) return `/${index}`
  const json = name.replaceAll("\\'", "'").replaceAll('"', '\\"')
  const decoded = JSON.parse(`"${json}"`) as string
  return `/${decoded.replaceAll('~', '~0').replaceAll('/', '~1')}`
}

/** Undefined where it refuses the query. */
function pointersOfJsonPathPlus(path: string, json: unknown): ReadonlySet<string> | undefined {
  try {
    const found: unknown = JSONPath({
      path,
      json: json as object,
      eval: false,
      wrap: true,
      resultType: 'pointer',
    })
    return new Set(Array.isArray(found) ? found.map(String) : [])
  } catch {
    return undefined
  }
}
