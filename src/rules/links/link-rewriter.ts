/**
 * Links of an upstream to itself, led back to the gateway: where the target is a request that a route of the same upstream would
 * take. Any other link leads past the gateway, and there is none.
 */
import type { Reader } from '../../json/program-source.ts'
import type { DeclaredQuery, Place, Upstream } from '../compiled-policy.ts'
import { checkParameters } from '../request/check-parameters.ts'
import { formatPairs } from '../request/pairs.ts'
import type { Pairs } from '../request/pairs.ts'
import { parseTarget } from '../request/target.ts'
import { isSealed } from '../routing/parameter-types.ts'
import type { RouteTable } from '../routing/route-table.ts'
import { buildPath } from '../routing/route-template.ts'
import type { RouteTemplate } from '../routing/route-template.ts'
import { SEALED_UNITS_MAX } from '../sealer.ts'
import { parseLink } from './link-text.ts'

/** What a link must fit. */
export interface LinkedRoute {
  readonly template: RouteTemplate
  readonly upstream: Upstream
  readonly query: DeclaredQuery
}

export interface LinkRewriter {
  /**
   * The same link at the gateway; undefined where it leads elsewhere. Built anew from the route's template and its
   * parameters: no byte of the link is kept.
   */
  readonly rewrite: (link: string, context: LinkContext) => string | undefined
}

/** What stands around a link. */
export interface LinkContext {
  /** Whose answer it stands in. */
  readonly upstream: Upstream
  /** Of the request that follows it. */
  readonly method: string
  /** Who follows it; undefined: links with values that only a reader can be given lead nowhere. */
  readonly reader: Reader | undefined
}

/** `place`: where callers find the gateway. `routes` is asked at the time of each link, since the programs of routes are part of the table. */
export function createLinkRewriter(
  place: Place,
  routes: () => RouteTable<LinkedRoute>,
): LinkRewriter {
  return {
    rewrite: (link, context) => {
      const parsed = parseLink(link)
      if (parsed === undefined) return undefined
      const { origins, absolute, target } = parsed
      for (const { origin, pathPrefix } of context.upstream.places) {
        if (absolute && !origins.includes(origin)) continue
        if (!target.startsWith(`${pathPrefix}/`)) continue
        const here = targetHere(routes(), context, target.slice(pathPrefix.length))
        if (here !== undefined) return (absolute ? place.origin : '') + place.pathPrefix + here
      }
      return undefined
    },
  }
}

// Some write `&&` or `&=&` between parameters: nothing is named there, so nothing is lost.
function withoutEmptyPairs(raw: string): string {
  const [path = '', query] = raw.split('?', 2)
  if (query === undefined || raw.includes('?', path.length + 1)) return raw
  const pairs = query.split('&').filter((pair) => pair !== '' && pair !== '=')
  return pairs.length === 0 ? path : `${path}?${pairs.join('&')}`
}

function targetHere(
  routes: RouteTable<LinkedRoute>,
  { upstream, method, reader }: LinkContext,
  raw: string,
): string | undefined {
  const target = parseTarget(withoutEmptyPairs(raw))
  const match = target && routes.find(method, target.parts)
  if (target === undefined || match?.route.upstream.name !== upstream.name) return undefined
  const { template, query } = match.route
  const sealed = parametersFor(reader, target.parameters, match.route)
  const parameters = sealed && checkParameters(sealed, query)
  if (parameters === undefined) return undefined
  const search = parameters.length === 0 ? '' : `?${formatPairs(parameters)}`
  return buildPath(template, match.parameters) + search
}

/**
 * Values that a route takes unread, or looks into only when it is asked, may be anything, also what the caller must not see:
 * there is no link with them, unless the caller said the same.
 */
function parametersFor(
  reader: Reader | undefined,
  parameters: Pairs,
  { template, query }: LinkedRoute,
): Pairs | undefined {
  const isSaid = ([name, value]: Pairs[number]) => reader?.said.get(name) === value
  if (query === 'any') return parameters.every(isSaid) ? parameters : undefined
  const isText = ([name]: Pairs[number]) => query.get(name)?.kind === 'text'
  if (parameters.some((pair) => isText(pair) && !isSaid(pair))) return undefined
  const toSeal = parameters.filter(([name]) => isSealed(query.get(name)))
  if (toSeal.length === 0) return parameters
  const seal = reader?.seal
  if (seal === undefined || toSeal.some(([, value]) => value.length > SEALED_UNITS_MAX))
    return undefined
  return parameters.map(([name, value]) =>
    isSealed(query.get(name)) ? [name, seal(template.text, value)] : [name, value],
  )
}
