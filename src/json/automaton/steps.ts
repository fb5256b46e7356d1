/**
 * All queries of a program as one list of steps: a position says how far a query has come, and each step says which
 * children lead on. Queries whose beginnings are equal share no steps; the automaton's states share them.
 */
import type { ProgramSource } from '../program-source.ts'
import { namesIn } from '../query/analysis.ts'
import type { Segment } from '../query/ast.ts'
import { namesOfSimpleFilters } from './filter-names.ts'
import { KeyTable } from './key-table.ts'
import { PlaceTable } from './places.ts'
import { PredicateTable, type Predicate } from './predicates.ts'

/** What has been reached where a query has no segments left. */
export type Arrival =
  | { readonly kind: 'subtree' | 'leaf' | 'names'; readonly target: number }
  | { readonly kind: 'scope'; readonly scope: number; readonly idPosition: number }
  | { readonly kind: 'id'; readonly scope: number }

/** One segment of one query. */
export interface Step {
  /** A descendant segment: the position holds on in each child. */
  readonly descends: boolean
  readonly wildcard: boolean
  readonly columns: readonly number[]
  readonly predicates: readonly number[]
}

/** Positions 0 to steps.length - 1 wait for a child; those from there on are arrivals. */
export interface Steps {
  readonly keys: KeyTable
  readonly predicates: readonly Predicate[]
  /** A filter asks from the document's root. */
  readonly needsDocument: boolean
  /** Undefined: states are not told apart by their places. */
  readonly places: PlaceTable | undefined
  /** For each column 1 where a simple filter reads members of that name. */
  readonly filterColumns: readonly number[]
  readonly steps: readonly Step[]
  /** Indexed by position minus `steps.length`; undefined where a query's steps end elsewhere. */
  readonly arrivals: readonly Arrival[]
  /** For each step the position after it. */
  readonly following: readonly number[]
  /** Where targets and scopes begin, at the root. */
  readonly initial: readonly number[]
  /** Segments of each scope's id: how far above an id its scope lies. */
  readonly idLengths: readonly number[]
  /** Positions from this one on, up to `steps.length`, belong to ids. */
  readonly firstIdStep: number
}

/** Compiles the queries of targets, scopes and ids, in this order. */
export function compileSteps(source: ProgramSource): Steps {
  const targets = source.targets.map((target) => target.query)
  const scopes = source.scopes.map((scope) => scope.at)
  const ids = source.scopes.map((scope) => scope.id)
  const queries = [...targets, ...scopes, ...ids]
  const filterNames = queries.flatMap(namesOfSimpleFilters)
  const keys = new KeyTable(queries.flatMap(namesIn))
  const filterColumns = Array.from({ length: keys.columns }, () => 0)
  for (const name of filterNames) filterColumns[keys.columnOfText(name)] = 1
  const predicates = new PredicateTable(keys)
  const stepCount = queries.reduce((sum, query) => sum + query.segments.length, 0)
  const steps: Step[] = []
  const following: number[] = []
  const starts = queries.map((query, at) => {
    const start = query.segments.length === 0 ? stepCount + at : steps.length
    for (const [index, segment] of query.segments.entries()) {
      steps.push(compileStep(segment, keys, predicates))
      following.push(index === query.segments.length - 1 ? stepCount + at : steps.length)
    }
    return start
  })
  const idStarts = starts.slice(targets.length + scopes.length)
  return {
    keys,
    predicates: predicates.all,
    needsDocument: predicates.all.some((one) => one.kind === 'filter' && one.needsDocument),
    places: source.places === true ? new PlaceTable() : undefined,
    filterColumns,
    steps,
    arrivals: [
      ...source.targets.map((target, at): Arrival => ({ kind: target.reach, target: at })),
      ...scopes.map((_, scope): Arrival => ({
        kind: 'scope',
        scope,
        idPosition: idStarts[scope] ?? 0,
      })),
      ...ids.map((_, scope): Arrival => ({ kind: 'id', scope })),
    ],
    following,
    initial: starts.slice(0, targets.length + scopes.length),
    idLengths: ids.map((query) => query.segments.length),
    firstIdStep: stepCount - ids.reduce((sum, query) => sum + query.segments.length, 0),
  }
}

function compileStep(segment: Segment, keys: KeyTable, predicates: PredicateTable): Step {
  const columns: number[] = []
  const numbers: number[] = []
  let wildcard = false
  for (const selector of segment.selectors) {
    if (selector.kind === 'wildcard') wildcard = true
    else if (selector.kind === 'name') columns.push(keys.columnOfText(selector.name))
    else numbers.push(predicates.numberOf(selector))
  }
  return { descends: segment.kind === 'descendant', wildcard, columns, predicates: numbers }
}
