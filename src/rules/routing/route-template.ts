/**
 * The pattern of a route, `GET /api/v2/users/{id:integer}.json`: literal segments, and segments with one typed
 * parameter and an optional literal suffix. There is no wildcard.
 */
import { fitsDomain, isParameterType, PATH_TYPES } from './parameter-types.ts'
import type { ParameterDomain } from './parameter-types.ts'

export type TemplateSegment =
  | { readonly kind: 'literal'; readonly text: string }
  | {
      readonly kind: 'parameter'
      readonly name: string
      readonly domain: ParameterDomain
      readonly suffix: string
    }

export interface RouteTemplate {
  /** As the author wrote it; the audit's name for the route. */
  readonly text: string
  readonly method: string
  readonly segments: readonly TemplateSegment[]
}

const SEGMENTS_MAX = 32
const LITERAL = /^[A-Za-z0-9_~@+=,!$'()*:.-]{1,128}$/
const PARAMETER = /^\{([a-z][a-zA-Z0-9_]{0,31})(?::([^{}]{1,256}))?\}(.*)$/
/** A dot segment, or what a suffix could make one. */
const DOTS = /^\.+$/
/** Nothing resolves it, but many a reader on the way takes it for a dot segment, and the library that forwards refuses it. */
const OUTER_DOTS = /^\.\.|\.\.$/
const TWO_DOTS = {
  fault: 'a path segment that begins or ends with two dots',
  hint: 'others could take it for a dot segment',
} as const
const METHOD = /^[A-Z]{3,7}$/

/** The template, or why there is none. */
export function parseRouteTemplate(
  text: string,
): RouteTemplate | { readonly fault: string; readonly hint?: string } {
  const [method, path, ...rest] = text.split(' ')
  if (method === undefined || path === undefined || rest.length > 0 || !METHOD.test(method)) {
    return {
      fault: 'a route is a method, one space and a path',
      hint: 'GET /api/v2/users/{id:integer}',
    }
  }
  if (!path.startsWith('/')) return { fault: 'the path of a route begins with "/"' }
  const parts = path.slice(1).split('/')
  if (parts.length > SEGMENTS_MAX) return { fault: `a path has at most ${SEGMENTS_MAX} segments` }
  const segments: TemplateSegment[] = []
  const names = new Set<string>()
  for (const part of parts) {
    const segment = parseSegment(part)
    if ('fault' in segment) return segment
    if (segment.kind === 'parameter') {
      if (names.has(segment.name)) return { fault: `the parameter {${segment.name}} stands twice` }
      names.add(segment.name)
    }
    segments.push(segment)
  }
  return { text, method, segments }
}

function parseSegment(
  part: string,
): TemplateSegment | { readonly fault: string; readonly hint?: string } {
  if (part === '')
    return {
      fault: 'an empty path segment',
      hint: 'no "//" and no "/" at the end: one record has one address',
    }
  if (part === '.' || part === '..')
    return { fault: 'a dot segment', hint: 'write the path it stands for' }
  if (part.includes('*')) {
    return {
      fault: 'a wildcard is not a route',
      hint: 'list each route; what is not listed is refused',
    }
  }
  if (OUTER_DOTS.test(part)) return TWO_DOTS
  if (LITERAL.test(part)) return { kind: 'literal', text: part }
  const [, name, type, suffix] = PARAMETER.exec(part) ?? []
  if (name === undefined || suffix === undefined || (suffix !== '' && !LITERAL.test(suffix))) {
    return {
      fault: `"${part}" is neither a literal nor {name:type}`,
      hint: `types: ${PATH_TYPES.join(', ')}, or values: {format:json|csv}`,
    }
  }
  const domain = parseDomain(type ?? 'slug')
  if (domain === undefined) {
    return {
      fault: `unknown parameter type "${type}"`,
      hint: `types: ${PATH_TYPES.join(', ')}, or values: {format:json|csv}`,
    }
  }
  if (domain.kind === 'values') {
    for (const value of domain.values) if (OUTER_DOTS.test(value + suffix)) return TWO_DOTS
  }
  return { kind: 'parameter', name, domain, suffix }
}

function parseDomain(type: string): ParameterDomain | undefined {
  if (isParameterType(type) && PATH_TYPES.includes(type)) return { kind: 'type', type }
  const values = type.split('|')
  if (values.length < 2 || !values.every((value) => LITERAL.test(value) && !DOTS.test(value)))
    return undefined
  return { kind: 'values', values: new Set(values) }
}

/** The parameters of a path that fits, or undefined. `parts`: the path's segments, already checked to be canonical. */
export function matchTemplate(
  template: RouteTemplate,
  parts: readonly string[],
): ReadonlyMap<string, string> | undefined {
  if (template.segments.length !== parts.length) return undefined
  const parameters = new Map<string, string>()
  for (const [index, segment] of template.segments.entries()) {
    const part = parts[index] ?? ''
    if (segment.kind === 'literal') {
      if (segment.text !== part) return undefined
      continue
    }
    if (!part.endsWith(segment.suffix)) return undefined
    const value = part.slice(0, part.length - segment.suffix.length)
    if (!fitsDomain(segment.domain, value)) return undefined
    parameters.set(segment.name, value)
  }
  return parameters
}

/** The path that the upstream is asked for: built from the template and its parsed parameters, never from the caller's bytes. */
export function buildPath(
  template: RouteTemplate,
  parameters: ReadonlyMap<string, string>,
): string {
  const parts = template.segments.map((segment) =>
    segment.kind === 'literal'
      ? segment.text
      : `${parameters.get(segment.name) ?? ''}${segment.suffix}`,
  )
  return `/${parts.join('/')}`
}
