/** Resolves what a route says of its requests: parameters, searches and the body. */
import type { Route } from '../compiled-policy.ts'
import type { PolicyDocument, RouteDocument } from '../policy/document.ts'
import type { PolicyPath } from '../policy/fault.ts'
import { classesOf } from '../search/judge.ts'
import { compileBody } from './body.ts'
import type { BodySource } from './body.ts'
import type { Complaints } from './complaints.ts'
import { compileParameters } from './parameters.ts'
import { compileSearches } from './search.ts'

export interface RequestSource extends Pick<
  BodySource,
  'anywhere' | 'inbound' | 'limits' | 'readFixture'
> {
  readonly document: PolicyDocument
  readonly route: RouteDocument
  /** Of the route. */
  readonly path: PolicyPath
}

export interface RequestRules extends Pick<Route, 'query' | 'search' | 'body'> {
  /** Classes that a request can hold or search by. */
  readonly classes: readonly string[]
}

/** The rules; what is wrong with them goes to `complaints`. */
export function compileRequestRules(source: RequestSource, complaints: Complaints): RequestRules {
  const { route, path } = source
  const search = compileSearches(source, complaints)
  const body =
    route.body &&
    compileBody(
      { ...source, body: route.body, path: [...path, 'body'], search, isHeld: isHeld(route) },
      complaints,
    )
  return {
    query: compileParameters(route.query, search),
    search,
    body,
    classes: [...Object.keys(route.body?.fields ?? {}), ...search.flatMap(classesOf)],
  }
}

/** True where its requests are held against the record. */
function isHeld({ write }: RouteDocument): boolean {
  return typeof write === 'object'
}
