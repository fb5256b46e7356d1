/** What the queries of one route stand for: parsed once, then compiled anew for each role set. */
import type { Query } from '../../json/query/ast.ts'
import type { PolicyDocument, RouteDocument, Unlisted } from '../policy/document.ts'
import type { PolicyPath } from '../policy/fault.ts'
import { parseRouteTemplate } from '../routing/route-template.ts'
import type { DataSubjectPlace } from '../compiled-policy.ts'
import type { Complaints } from './complaints.ts'

/** One line target -> class. `path` is its place in the policy, for faults. */
export interface ClassQuery {
  readonly dataClass: string
  readonly query: Query
  readonly path: PolicyPath
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
  readonly plain: readonly { readonly query: Query; readonly path: PolicyPath }[]
  readonly dataSubjects: readonly SubjectQuery[]
  readonly unlisted: Unlisted
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
  if (unlisted === undefined) {
    complaints.add(
      path,
      'the route does not say what happens to leaves that no query names',
      'add `unlisted: mask` here or under defaults',
    )
  }
  const plain = (route.plain ?? []).flatMap((text, index) => {
    const at = [...path, 'plain', index]
    const query = complaints.query(at, text)
    return query === undefined ? [] : [{ query, path: at }]
  })
  return {
    fields: classQueries(document, route.fields ?? {}, [...path, 'fields'], complaints),
    anywhere: source.anywhere,
    plain,
    dataSubjects: subjectQueries(route, path, complaints),
    unlisted: unlisted ?? 'mask',
  }
}

function classQueries(
  document: PolicyDocument,
  entries: Readonly<Record<string, string | readonly string[]>>,
  path: PolicyPath,
  complaints: Complaints,
): ClassQuery[] {
  const queries: ClassQuery[] = []
  for (const [dataClass, value] of Object.entries(entries)) {
    complaints.requireKnownKey([...path, dataClass], 'class', Object.keys(document.classes))
    const texts = typeof value === 'string' ? [value] : value
    for (const [index, text] of texts.entries()) {
      const at = typeof value === 'string' ? [...path, dataClass] : [...path, dataClass, index]
      const query = complaints.query(at, text)
      if (query !== undefined) queries.push({ dataClass, query, path: at })
    }
  }
  return queries
}

function subjectQueries(
  route: RouteDocument,
  path: PolicyPath,
  complaints: Complaints,
): SubjectQuery[] {
  const template = parseRouteTemplate(route.match)
  return (route.dataSubjects ?? []).flatMap((entry, index) => {
    const at = [...path, 'dataSubjects', index]
    const parameter = entry.request?.slice('path.'.length)
    if (parameter !== undefined && 'segments' in template) {
      const names = template.segments.flatMap((segment) =>
        segment.kind === 'parameter' ? [segment.name] : [],
      )
      complaints.requireKnown([...at, 'request'], 'path parameter', parameter, names)
    }
    const where = complaints.query([...at, 'at'], entry.at)
    const id = complaints.query([...at, 'id'], entry.id, 'relative')
    if (where === undefined || id === undefined) return []
    return [{ kind: entry.kind, at: where, id, pathParameter: parameter, path: at }]
  })
}
