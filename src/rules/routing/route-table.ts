/** Finds the route of a path. Literal segments win over parameters; what could still be two routes is refused at load. */
import { domainsOverlap, fitsDomain } from './parameter-types.ts'
import { matchTemplate } from './route-template.ts'
import type { RouteTemplate, TemplateSegment } from './route-template.ts'

export interface RouteMatch<Route> {
  readonly route: Route
  readonly parameters: ReadonlyMap<string, string>
}

export interface RouteTable<Route> {
  /** The one route of this method and path, or undefined. */
  readonly find: (method: string, parts: readonly string[]) => RouteMatch<Route> | undefined
}

/** Routes by method, number of segments and first segment, so that ten thousand routes cost no more than ten. */
export function createRouteTable<Route extends { readonly template: RouteTemplate }>(
  routes: readonly Route[],
): RouteTable<Route> {
  const buckets = new Map<string, Route[]>()
  for (const route of routes) {
    const key = bucketKey(route.template.method, route.template.segments)
    const bucket = buckets.get(key)
    if (bucket === undefined) buckets.set(key, [route])
    else bucket.push(route)
  }
  for (const bucket of buckets.values())
    bucket.sort((a, b) => moreLiteralFirst(a.template, b.template))
  return {
    find: (method, parts) => {
      const keys = [`${method} ${parts.length} ${parts[0] ?? ''}`, `${method} ${parts.length} {}`]
      for (const key of keys) {
        for (const route of buckets.get(key) ?? []) {
          const parameters = matchTemplate(route.template, parts)
          if (parameters !== undefined) return { route, parameters }
        }
      }
      return undefined
    },
  }
}

function bucketKey(method: string, segments: readonly TemplateSegment[]): string {
  const first = segments[0]
  return `${method} ${segments.length} ${first?.kind === 'literal' ? first.text : '{}'}`
}

function moreLiteralFirst(a: RouteTemplate, b: RouteTemplate): number {
  for (const [index, segment] of a.segments.entries()) {
    const other = b.segments[index]
    if (segment.kind !== other?.kind) return segment.kind === 'literal' ? -1 : 1
  }
  return 0
}

/** True where some path fits both templates and no literal segment decides between them. */
export function templatesCollide(a: RouteTemplate, b: RouteTemplate): boolean {
  if (!templatesOverlap(a, b)) return false
  return a.segments.every((segment, index) => segment.kind === b.segments[index]?.kind)
}

/** True where some path fits both templates, of the same method. */
export function templatesOverlap(a: RouteTemplate, b: RouteTemplate): boolean {
  if (a.method !== b.method || a.segments.length !== b.segments.length) return false
  return a.segments.every((segment, index) => {
    const other = b.segments[index]
    return other !== undefined && segmentsOverlap(segment, other)
  })
}

/** True where a path that fits both templates is the first one's, and would be the other's without it. */
export function goesBefore(a: RouteTemplate, b: RouteTemplate): boolean {
  return templatesOverlap(a, b) && moreLiteralFirst(a, b) < 0
}

function segmentsOverlap(a: TemplateSegment, b: TemplateSegment): boolean {
  if (a.kind === 'literal' && b.kind === 'literal') return a.text === b.text
  if (a.kind === 'literal') return segmentsOverlap(b, a)
  if (b.kind === 'literal') {
    return (
      b.text.endsWith(a.suffix) &&
      fitsDomain(a.domain, b.text.slice(0, b.text.length - a.suffix.length))
    )
  }
  if (a.suffix === b.suffix) return domainsOverlap(a.domain, b.domain)
  if (a.domain.kind === 'values') return valuesOverlap(a.domain.values, a.suffix, b)
  if (b.domain.kind === 'values') return valuesOverlap(b.domain.values, b.suffix, a)
  // The longer suffix must end with the shorter one, and what is left of it be a part of a value of the other's type.
  const [long, short] =
    a.suffix.length > b.suffix.length ? [a.suffix, b.suffix] : [b.suffix, a.suffix]
  return long.endsWith(short) && TYPED.test(long.slice(0, long.length - short.length))
}

/** What values of any type for paths are made of. */
const TYPED = /^[A-Za-z0-9_-]*$/

function valuesOverlap(
  values: ReadonlySet<string>,
  suffix: string,
  other: TemplateSegment,
): boolean {
  return [...values].some((value) =>
    segmentsOverlap({ kind: 'literal', text: value + suffix }, other),
  )
}
