/** What the queries of one route stand for: parsed once, then compiled anew for each role set. */
import type { Query } from '../../json/query/ast.ts'
import type {
  DataSubjectDocument,
  PolicyDocument,
  RouteDocument,
  Unlisted,
} from '../policy/document.ts'
import type { PolicyPath } from '../policy/fault.ts'
import { parseRouteTemplate } from '../routing/route-template.ts'
import type { DataSubjectPlace, RequestedSubject } from '../compiled-policy.ts'
import type { Complaints } from './complaints.ts'

/** A query with its place in the policy, for faults. */
export interface PlacedQuery {
  readonly query: Query
  readonly path: PolicyPath
}

/** One line target -> class. */
export interface ClassQuery extends PlacedQuery {
  readonly dataClass: string
  /** What records say for the query, where a caller chose names of it. */
  readonly told?: string
}

export interface SubjectQuery extends DataSubjectPlace {
  readonly at: Query
  readonly id: Query
  readonly path: PolicyPath
}

export interface RouteQueries {
  /** Of this route alone; every one must match in the fixture. */
  readonly fields: readonly ClassQuery[]
  /** Of every route. */
  readonly anywhere: readonly ClassQuery[]
  readonly plain: readonly PlacedQuery[]
  /** Links that are led to the gateway. */
  readonly links: readonly PlacedQuery[]
  /** Cursors that leave sealed. */
  readonly cursors: readonly PlacedQuery[]
  /** What is taken out of every answer. */
  readonly removed: readonly PlacedQuery[]
  /** Objects whose member names are masked. */
  readonly dictionaries: readonly PlacedQuery[]
  readonly dataSubjects: readonly SubjectQuery[]
  readonly requestedSubject: RequestedSubject | undefined
  readonly unlisted: Unlisted
  /** True where the caller chose names that stand in queries. */
  readonly hasCallerNames?: boolean
}

/** The kinds of the data subjects of a route, also of a GraphQL endpoint. */
export function kindsOf({ dataSubjects, graphql }: RouteDocument): readonly string[] {
  return (dataSubjects ?? graphql?.dataSubjects ?? []).map(({ kind }) => kind)
}

/** Parses the queries under `anywhere`, once for all routes. */
export function compileAnywhere(
  document: PolicyDocument,
  complaints: Complaints,
): readonly ClassQuery[] {
  return classQueries(document, document.anywhere ?? {}, ['anywhere'], complaints)
}

export interface RouteSource {
  readonly document: PolicyDocument
  readonly route: RouteDocument
  readonly path: PolicyPath
  readonly anywhere: readonly ClassQuery[]
}

/** Parses what one route says; what is wrong with it is complained of and left out. */
export function compileRouteQueries(source: RouteSource, complaints: Complaints): RouteQueries {
  const { document, route, path } = source
  const unlisted = route.unlisted ?? document.defaults?.unlisted
  if (unlisted === undefined && route.pass === undefined) {
    complaints.add(
      path,
      'the route does not say what happens to leaves that no query names',
      'add `unlisted: mask` here or under defaults',
    )
  }
  return {
    fields: classQueries(document, route.fields ?? {}, [...path, 'fields'], complaints),
    anywhere: source.anywhere,
    plain: placedQueries(route.plain ?? [], [...path, 'plain'], complaints),
    links: placedQueries(route.links ?? [], [...path, 'links'], complaints),
    cursors: placedQueries(route.cursors ?? [], [...path, 'cursors'], complaints),
    removed: [],
    dictionaries: placedQueries(route.keys?.mask ?? [], [...path, 'keys', 'mask'], complaints),
    dataSubjects: subjectQueries(route, path, complaints),
    requestedSubject: requestedSubject(route, path, complaints),
    unlisted: unlisted ?? 'mask',
  }
}

/** Parses lines class -> query; what is wrong with one is complained of and left out. */
export function classQueries(
  document: PolicyDocument,
  entries: Readonly<Record<string, string | readonly string[]>>,
  path: PolicyPath,
  complaints: Complaints,
): ClassQuery[] {
  const queries: ClassQuery[] = []
  for (const [dataClass, value] of Object.entries(entries)) {
    const at = [...path, dataClass]
    complaints.requireKnownKey(at, 'class', Object.keys(document.classes))
    for (const placed of placedQueries(value, at, complaints))
      queries.push({ dataClass, ...placed })
  }
  return queries
}

/** Parses one query or several; what is wrong with one is complained of and left out. */
export function placedQueries(
  value: string | readonly string[],
  path: PolicyPath,
  complaints: Complaints,
): PlacedQuery[] {
  const texts = typeof value === 'string' ? [value] : value
  return texts.flatMap((text, index) => {
    const at = typeof value === 'string' ? path : [...path, index]
    const query = complaints.query(at, text)
    return query === undefined ? [] : [{ query, path: at }]
  })
}

function subjectQueries(
  route: RouteDocument,
  path: PolicyPath,
  complaints: Complaints,
): SubjectQuery[] {
  const template = parseRouteTemplate(route.match)
  return (route.dataSubjects ?? []).flatMap((entry, index) => {
    const at = [...path, 'dataSubjects', index]
    const parameter = pathParameter(entry)
    if (parameter !== undefined && 'segments' in template) {
      const names = template.segments.flatMap((segment) =>
        segment.kind === 'parameter' ? [segment.name] : [],
      )
      complaints.requireKnown([...at, 'request'], 'path parameter', parameter, names)
    }
    if (entry.at === undefined && entry.id === undefined && parameter !== undefined) return []
    if (entry.at === undefined || entry.id === undefined) {
      complaints.add(
        at,
        '`at` and `id` stand together, or the request alone names the data subject',
        'add what is missing; or only `request: path.id`, for what lies under no other place',
      )
      return []
    }
    const where = complaints.query([...at, 'at'], entry.at)
    const id = complaints.query([...at, 'id'], entry.id, 'relative')
    if (where === undefined || id === undefined) return []
    return [{ kind: entry.kind, at: where, id, pathParameter: parameter, path: at }]
  })
}

function requestedSubject(
  route: RouteDocument,
  path: PolicyPath,
  complaints: Complaints,
): RequestedSubject | undefined {
  const [first, second] = (route.dataSubjects ?? []).flatMap((entry, index) => {
    const parameter = pathParameter(entry)
    if (entry.at !== undefined || entry.id !== undefined || parameter === undefined) return []
    return [{ kind: entry.kind, pathParameter: parameter, index }]
  })
  if (second !== undefined) {
    complaints.add(
      [...path, 'dataSubjects', second.index],
      'only one data subject can be that of the whole request',
      'say with `at` and `id` where the others are',
    )
  }
  return first && { kind: first.kind, pathParameter: first.pathParameter }
}

function pathParameter({ request }: DataSubjectDocument): string | undefined {
  return request?.slice('path.'.length)
}
