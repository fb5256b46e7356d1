/** Resolves the routes of a policy: template, parameters, queries, and the programs of each role set. */
import type { Limits } from '../../json/limits.ts'
import type { AssuranceLevel, Route, RouteMasking, Upstream } from '../compiled-policy.ts'
import type { PolicyDocument, RouteDocument } from '../policy/document.ts'
import type { PolicyPath } from '../policy/fault.ts'
import { templatesCollide } from '../routing/route-table.ts'
import { parseRouteTemplate } from '../routing/route-template.ts'
import type { RouteTemplate } from '../routing/route-template.ts'
import type { Pseudonymizer } from '../pseudonymizer.ts'
import { levelOf } from './assurance.ts'
import { compileBody } from './body.ts'
import type { DataClass } from './classes.ts'
import type { Complaints } from './complaints.ts'
import { checkFixture } from './fixture.ts'
import { compileMasking } from './masking.ts'
import { compileParameters } from './parameters.ts'
import { compileAnywhere, compileRouteQueries } from './route-queries.ts'
import type { RouteQueries } from './route-queries.ts'

/** Role sets whose programs are kept for one route; beyond it the oldest is compiled anew when asked for. */
const ROLE_SETS_MAX = 256
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']

export interface RouteContext {
  readonly document: PolicyDocument
  readonly upstreams: ReadonlyMap<string, Upstream>
  readonly classes: ReadonlyMap<string, DataClass>
  readonly roles: ReadonlyMap<string, ReadonlySet<string>>
  readonly levels: ReadonlyMap<string, AssuranceLevel>
  readonly limits: Limits
  /** Undefined where the policy has no key for pseudonyms. */
  readonly pseudonymizer: Pseudonymizer | undefined
  /** Content of a fixture by its name in the policy. */
  readonly readFixture: (name: string) => Uint8Array | undefined
}

export interface CompiledRoute extends Route {
  readonly queries: RouteQueries
  /** Name of the fixture, where the route has one. */
  readonly fixture: string | undefined
}

export function compileRoutes(
  context: RouteContext,
  complaints: Complaints,
): readonly CompiledRoute[] {
  const anywhere = compileAnywhere(context.document, complaints)
  const routes: CompiledRoute[] = []
  for (const [index, route] of context.document.routes.entries()) {
    const path = ['routes', index]
    const template = compileTemplate(route, path, complaints)
    const upstream = context.upstreams.get(route.upstream)
    complaints.requireKnown(
      [...path, 'upstream'],
      'upstream',
      route.upstream,
      Object.keys(context.document.upstreams),
    )
    const queries = compileRouteQueries(
      { document: context.document, route, path, anywhere },
      complaints,
    )
    checkRouteFixture(context, { route, path, queries }, complaints)
    if (route.keys !== undefined && context.pseudonymizer === undefined) {
      complaints.addAtKey(
        [...path, 'keys'],
        'member names are replaced by keyed pseudonyms, and there is no key',
        'add keys: { pseudonym: { version: 1, env: CELOSIA_PSEUDONYM_KEY } } to the policy',
      )
    }
    const roles = compileRouteRoles(context, route, path, complaints)
    const query = compileParameters(route.query)
    const assurance = levelOf([...path, 'assurance'], route.assurance, context.levels, complaints)
    if (template === undefined || upstream === undefined) continue
    const rival = routes.find((other) => templatesCollide(other.template, template))
    if (rival !== undefined) {
      complaints.add(
        [...path, 'match'],
        `\`${template.text}\` and \`${rival.template.text}\` match the same paths`,
      )
    }
    routes.push({
      template,
      upstream,
      roles,
      assurance,
      query,
      effect: effectOf(route, template, path, complaints),
      body:
        route.body &&
        compileBody(
          { ...context, body: route.body, path: [...path, 'body'], anywhere },
          complaints,
        ),
      queries,
      fixture: route.fixture === 'none' ? undefined : route.fixture,
      dataSubjects: queries.dataSubjects,
      classes: classesOf(queries),
      maskingFor: maskingCache(context, queries, Object.keys(route.body?.fields ?? {})),
    })
  }
  return routes
}

function classesOf(queries: RouteQueries): ReadonlySet<string> {
  return new Set([...queries.fields, ...queries.anywhere].map((entry) => entry.dataClass))
}

function compileTemplate(
  route: RouteDocument,
  path: PolicyPath,
  complaints: Complaints,
): RouteTemplate | undefined {
  const template = parseRouteTemplate(route.match)
  if ('fault' in template) {
    complaints.add([...path, 'match'], template.fault, template.hint)
    return undefined
  }
  if (!METHODS.includes(template.method)) {
    complaints.add(
      [...path, 'match'],
      `a route has one of the methods ${METHODS.join(', ')}`,
      template.method === 'HEAD' ? 'the route of GET answers HEAD too' : undefined,
    )
    return undefined
  }
  if (template.method === 'GET' && route.body !== undefined) {
    complaints.addAtKey([...path, 'body'], 'a GET has no body')
  }
  return template
}

function effectOf(
  { effect }: RouteDocument,
  { method }: RouteTemplate,
  path: PolicyPath,
  complaints: Complaints,
): Route['effect'] {
  const usual = method === 'GET' ? 'read' : 'write'
  if (effect !== undefined && effect !== usual && method !== 'POST') {
    complaints.add(
      [...path, 'effect'],
      `the effect of ${method} is ${usual}`,
      'only a POST can be declared as a read, as searches are',
    )
  }
  if (method === 'PUT') {
    complaints.addNotSupported(
      [...path, 'match'],
      'PUT takes the place of a record, masked values and all, and is not supported by this version',
    )
  }
  return effect ?? usual
}

function compileRouteRoles(
  context: RouteContext,
  route: RouteDocument,
  path: PolicyPath,
  complaints: Complaints,
): ReadonlySet<string> | undefined {
  if (route.roles === undefined) return undefined
  for (const [index, role] of route.roles.entries()) {
    complaints.requireKnown([...path, 'roles', index], 'role', role, context.roles.keys())
  }
  return new Set(route.roles)
}

interface FixtureSource {
  readonly route: RouteDocument
  readonly path: PolicyPath
  readonly queries: RouteQueries
}

function checkRouteFixture(
  context: RouteContext,
  { route, path, queries }: FixtureSource,
  complaints: Complaints,
): void {
  if (route.fixture === 'none') return
  if (route.fixture !== undefined) {
    checkFixture(
      { bytes: context.readFixture(route.fixture), path, queries, limits: context.limits },
      complaints,
    )
  } else if (
    [queries.fields, queries.plain, queries.dictionaries, queries.dataSubjects].some(
      (list) => list.length > 0,
    )
  ) {
    complaints.add(
      path,
      'the route has queries and no fixture to hold them against',
      'save one answer of the upstream beside the policy and name it: `fixture: fixtures/user.json`; or write `fixture: none`',
    )
  }
}

function maskingCache(
  context: RouteContext,
  queries: RouteQueries,
  sent: readonly string[],
): (roles: readonly string[]) => RouteMasking {
  const kept = new Map<string, RouteMasking>()
  return (roles) => {
    const key = roles.join(' ')
    const found = kept.get(key)
    if (found !== undefined) return found
    const shown = new Set(roles.flatMap((role) => [...(context.roles.get(role) ?? [])]))
    const masking = compileMasking({
      queries,
      sent,
      classes: context.classes,
      shown,
      limits: context.limits,
      pseudonymizer: context.pseudonymizer,
    })
    const oldest = kept.keys().next().value
    if (kept.size >= ROLE_SETS_MAX && oldest !== undefined) kept.delete(oldest)
    kept.set(key, masking)
    return masking
  }
}
