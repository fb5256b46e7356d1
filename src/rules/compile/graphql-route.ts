/** A GraphQL endpoint as a route: what cannot stand beside it, and the masking of each operation. */
import type { Query } from '../../json/query/ast.ts'
import type { Upstream } from '../compiled-policy.ts'
import type { GraphqlRoute, GraphqlRules } from '../graphql/graphql-rules.ts'
import { placeQueries } from '../graphql/place-queries.ts'
import type { PlaceQueries } from '../graphql/place-queries.ts'
import type { RouteDocument } from '../policy/document.ts'
import type { PolicyPath } from '../policy/fault.ts'
import type { Complaints } from './complaints.ts'
import { maskingCache } from './masking-cache.ts'
import type { MaskedAnswers, MaskingContext } from './masking-cache.ts'
import { cachedByOperation } from './operation-cache.ts'
import type { ClassQuery, PlacedQuery, RouteQueries } from './route-queries.ts'

/** What says how places of a JSON document are treated, or how bodies are read: the schema says both. */
const OTHERWISE = [
  'body',
  'cursors',
  'dataSubjects',
  'events',
  'fields',
  'fixture',
  'format',
  'keys',
  'links',
  'pass',
  'plain',
  'query',
  'search',
  'shape',
  'table',
  'write',
] as const

/** Complains of what cannot stand beside `graphql`. */
export function checkGraphqlRoute(
  route: RouteDocument,
  path: PolicyPath,
  complaints: Complaints,
): void {
  if (!route.match.startsWith('POST ')) {
    complaints.add([...path, 'match'], 'a GraphQL endpoint is asked with POST')
  }
  if (route.effect === 'write') {
    complaints.add([...path, 'effect'], 'mutations are refused: a GraphQL endpoint is only read')
  }
  for (const key of OTHERWISE) {
    if (route[key] === undefined) continue
    complaints.addAtKey(
      [...path, key],
      `\`${key}\` does not stand beside \`graphql\``,
      'classes and plain fields stand under `graphql`, by Type.field',
    )
  }
}

export interface GraphqlMasking {
  readonly rules: GraphqlRules
  readonly upstream: Upstream
  readonly place: string
  readonly dictionary: MaskedAnswers['dictionary']
  /** The route in the policy. */
  readonly path: PolicyPath
  readonly anywhere: readonly ClassQuery[]
}

/** The route's part in answering operations. */
export function graphqlRoute(context: MaskingContext, source: GraphqlMasking): GraphqlRoute {
  const { rules, upstream, place, dictionary } = source
  return {
    rules,
    limits: context.limits,
    maskingFor: cachedByOperation(({ selected }, { roles, revealed }) => {
      const queries = placeQueries(selected, rules)
      if (queries === undefined) return undefined
      const format = { kind: 'json' } as const
      const answers = { upstream, place, dictionary, format, beside: [] }
      const masking = maskingCache(context, { ...answers, queries: routeQueries(queries, source) })
      return masking(roles, revealed)
    }),
  }
}

function routeQueries(
  { classes, plain, removed, subjects }: PlaceQueries,
  { anywhere, path }: GraphqlMasking,
): RouteQueries {
  return {
    fields: classes.map((entry) => ({
      ...entry,
      path: [...path, 'graphql', 'fields', entry.dataClass],
    })),
    anywhere,
    plain: plain.map(placedNowhere),
    links: [],
    cursors: [],
    removed: removed.map(placedNowhere),
    dictionaries: [],
    dataSubjects: subjects.map((entry) => ({ ...entry, pathParameter: undefined, path: [] })),
    requestedSubject: undefined,
    unlisted: 'mask',
    hasCallerNames: true,
  }
}

// They come from an operation, and have no place in the policy.
function placedNowhere(query: Query): PlacedQuery {
  return { query, path: [] }
}
