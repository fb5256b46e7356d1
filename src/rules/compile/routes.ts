/** Resolves the routes of a policy: template, parameters, queries, and the programs of each role set. */
import { shapeCheck } from '../answer-shape.ts'
import type { Route, Upstream } from '../compiled-policy.ts'
import type { AssuranceLevel } from '../trust.ts'
import type { GraphqlRules } from '../graphql/graphql-rules.ts'
import type { PolicyDocument, RouteDocument } from '../policy/document.ts'
import type { PolicyPath } from '../policy/fault.ts'
import type { Purposes } from '../purpose/purpose.ts'
import type { InboundRules } from '../request/inbound.ts'
import { templatesCollide } from '../routing/route-table.ts'
import { parseRouteTemplate } from '../routing/route-template.ts'
import type { RouteTemplate } from '../routing/route-template.ts'
import { compileAnswerHeaders, compileCache, compileCompress } from './answer-headers.ts'
import { levelOf } from './assurance.ts'
import type { Complaints } from './complaints.ts'
import { compileErrors } from './error-queries.ts'
import type { AnswerQueries } from './error-queries.ts'
import { checkFixture } from './fixture.ts'
import { compileFormat } from './format.ts'
import { checkGraphqlRoute, graphqlRoute } from './graphql-route.ts'
import { compileGraphql } from './graphql.ts'
import { classNames } from './masking.ts'
import { maskingCache } from './masking-cache.ts'
import type { MaskingContext } from './masking-cache.ts'
import { compileRoutePurposes } from './purposes.ts'
import { compileRequestRules } from './request-rules.ts'
import { compileAnywhere, compileRouteQueries } from './route-queries.ts'
import type { RouteQueries } from './route-queries.ts'
import { compileShape } from './shape.ts'
import { sealedParameters } from './parameters.ts'
import { compileUnlistedSample } from './unlisted-sample.ts'
import { compileWrites } from './writes.ts'
import type { DraftRoute } from './writes.ts'

/** The first segment of the gateway's own paths. */
const OWN_SEGMENT = 'celosia'
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']

export interface RouteContext extends MaskingContext {
  readonly document: PolicyDocument
  readonly upstreams: ReadonlyMap<string, Upstream>
  readonly levels: ReadonlyMap<string, AssuranceLevel>
  readonly purposes: Purposes
  readonly inbound: InboundRules | undefined
  /** Content of a fixture by its name in the policy. */
  readonly readFixture: (name: string) => Uint8Array | undefined
}

export interface CompiledRoute extends Route {
  readonly queries: RouteQueries
  /** Of errors of the upstream; undefined: they are replaced. */
  readonly errorQueries: RouteQueries | undefined
  /** Name of the fixture, where the route has one. */
  readonly fixture: string | undefined
}

export function compileRoutes(
  context: RouteContext,
  complaints: Complaints,
): readonly CompiledRoute[] {
  const { document } = context
  const anywhere = compileAnywhere(document, complaints)
  const drafts: DraftRoute[] = []
  for (const [index, route] of document.routes.entries()) {
    const path = ['routes', index]
    const template = compileTemplate(route, path, complaints)
    const upstream = context.upstreams.get(route.upstream)
    complaints.requireKnown(
      [...path, 'upstream'],
      'upstream',
      route.upstream,
      Object.keys(document.upstreams),
    )
    const queries = compileRouteQueries({ document, route, path, anywhere }, complaints)
    const format = compileFormat(route, path, complaints)
    const shape = compileShape(route, path, complaints)
    const { fixture } = route
    checkRouteFixture(context, { fixture, path, queries, format, shape }, complaints)
    const errors = compileErrors({ document, route, path, anywhere }, complaints)
    if (errors !== undefined) checkRouteFixture(context, errors, complaints)
    const failing = errors === undefined ? [] : classesOf(errors.queries, context)
    const request = compileRequestRules({ ...context, route, path, anywhere }, complaints)
    const { graphql, selectable } = compileGraphqlOf(context, { route, path, queries }, complaints)
    const beside = [...request.classes, ...failing, ...selectable]
    checkNeeds(context, route, path, complaints)
    const roles = compileRouteRoles(context, route, path, complaints)
    const assurance = levelOf([...path, 'assurance'], route.assurance, context.levels, complaints)
    if (template === undefined || upstream === undefined) continue
    const rival = drafts.find((other) => templatesCollide(other.route.template, template))
    if (rival !== undefined) {
      complaints.add(
        [...path, 'match'],
        `\`${template.text}\` and \`${rival.route.template.text}\` match the same paths`,
      )
    }
    const answers = { upstream, place: template.text, dictionary: route.dictionary }
    const compiled: CompiledRoute = {
      template,
      upstream,
      roles,
      assurance,
      purposes: compileRoutePurposes(context, route, path, complaints),
      query: request.query,
      search: request.search,
      body: request.body,
      effect: graphql === undefined ? effectOf(route, template, path, complaints) : 'read',
      queries,
      errorQueries: errors?.queries,
      fixture: fixture === 'none' ? undefined : fixture,
      dataSubjects: queries.dataSubjects,
      requestedSubject: queries.requestedSubject,
      classes: new Set([...classesOf(queries, context), ...failing, ...selectable]),
      format,
      shapeFault: shape && shapeCheck(shape, context.limits),
      ...compileAnswerHead(route, path, complaints),
      graphql: graphql && graphqlRoute(context, { ...answers, anywhere, path, rules: graphql }),
      maskingFor: maskingCache(context, { ...answers, queries, format, beside }),
      unlistedSample: compileUnlistedSample(context, { route, queries, format }),
      errorMaskingFor: errors && maskingCache(context, { ...answers, ...errors, beside: [] }),
      write: undefined,
    }
    drafts.push({ route: compiled, document: route, path })
  }
  return compileWrites(drafts, context, complaints)
}

function compileAnswerHead(
  route: RouteDocument,
  path: PolicyPath,
  complaints: Complaints,
): Pick<Route, 'redirects' | 'linkRelations' | 'answerHeaders' | 'cacheSeconds' | 'compress'> {
  return {
    redirects: route.redirects === 'rewrite',
    linkRelations: new Set(route.linkRelations),
    answerHeaders: compileAnswerHeaders(route, path, complaints),
    cacheSeconds: compileCache(route, path, complaints),
    compress: compileCompress(route, path, complaints),
  }
}

interface GraphqlPlace {
  readonly route: RouteDocument
  readonly path: PolicyPath
  readonly queries: RouteQueries
}

/** The rules of an endpoint, and the classes that operations can select. */
function compileGraphqlOf(
  { document, readFixture: readFile, classes }: RouteContext,
  { route, path, queries: { unlisted } }: GraphqlPlace,
  complaints: Complaints,
): { readonly graphql: GraphqlRules | undefined; readonly selectable: readonly string[] } {
  const { graphql } = route
  if (graphql === undefined) return { graphql: undefined, selectable: [] }
  checkGraphqlRoute(route, path, complaints)
  const source = { document, graphql, path: [...path, 'graphql'], unlisted, readFile }
  const rules = compileGraphql(source, complaints)
  const listed = [...(rules?.fields.values() ?? [])].flatMap((field) => field.classes)
  const selectable = classNames(
    listed.map((dataClass) => ({ dataClass })),
    classes,
  )
  return { graphql: rules, selectable }
}

// What a route asks for and the policy as a whole must have.
function checkNeeds(
  { document, pseudonymizer }: RouteContext,
  route: RouteDocument,
  path: PolicyPath,
  complaints: Complaints,
): void {
  if (route.keys !== undefined && pseudonymizer === undefined) {
    complaints.addAtKey(
      [...path, 'keys'],
      'member names are replaced by keyed pseudonyms, and there is no key',
      'add keys: { pseudonym: { version: 1, env: CELOSIA_PSEUDONYM_KEY } } to the policy',
    )
  }
  const sealed = sealedParameters(route)
  if (document.keys?.cursor === undefined && (route.cursors !== undefined || sealed.length > 0)) {
    complaints.addAtKey(
      [...path, route.cursors === undefined ? 'query' : 'cursors'],
      'cursors are sealed with a key, and there is none',
      'add keys: { cursor: { version: 1, env: CELOSIA_CURSOR_KEY } } to the policy',
    )
  }
  if (route.cursors !== undefined && sealed.length === 0) {
    complaints.addAtKey(
      [...path, 'cursors'],
      'no parameter of the route takes a sealed cursor back',
      'declare it: `query: { after: sealed }`',
    )
  }
  for (const key of ['links', 'redirects', 'linkRelations'] as const) {
    if (document.publicUrl !== undefined || route[key] === undefined) continue
    complaints.addAtKey(
      [...path, key],
      'links are led to the gateway, and the policy does not say where callers find it',
      'add `publicUrl: https://gateway.example.com` to the policy',
    )
  }
}

function classesOf(
  { fields, anywhere }: RouteQueries,
  { classes }: MaskingContext,
): readonly string[] {
  return classNames([...fields, ...anywhere], classes)
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
  if (template.segments[0]?.kind === 'literal' && template.segments[0].text === OWN_SEGMENT) {
    complaints.add(
      [...path, 'match'],
      `paths below /${OWN_SEGMENT}/ are those of the gateway itself`,
    )
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

function checkRouteFixture(
  context: RouteContext,
  { fixture, path, queries, format, shape }: AnswerQueries,
  complaints: Complaints,
): void {
  if (fixture === 'none' || format.kind === 'opaque') return
  if (fixture !== undefined) {
    const bytes = context.readFixture(fixture)
    checkFixture({ bytes, path, queries, format, shape, limits: context.limits }, complaints)
  } else if (
    [
      queries.fields,
      queries.plain,
      queries.links,
      queries.cursors,
      queries.dictionaries,
      queries.dataSubjects,
    ].some((list) => list.length > 0)
  ) {
    complaints.add(
      path,
      'the route has queries and no fixture to hold them against',
      'save one answer of the upstream beside the policy and name it: `fixture: fixtures/user.json`; or write `fixture: none`',
    )
  }
}
