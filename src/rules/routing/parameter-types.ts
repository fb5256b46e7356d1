/**
 * The types that a path or query parameter may have. Each accepts one spelling of a value only, so that one record has
 * one address: no leading zeros, no upper-case UUIDs.
 */

interface ParameterType {
  /** Anchored; tested against the decoded text. Linear in the text. */
  readonly pattern: RegExp
  /** May stand in a path. */
  readonly path: boolean
  /** Is made by the gateway, and opened on its way to the upstream. */
  readonly sealed: boolean
}

const TYPES = {
  integer: { pattern: /^(0|[1-9][0-9]{0,18})$/, path: true, sealed: false },
  uuid: { pattern: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, path: true, sealed: false },
  slug: { pattern: /^[A-Za-z0-9_-]{1,128}$/, path: true, sealed: false },
  boolean: { pattern: /^(true|false)$/, path: false, sealed: false },
  date: { pattern: /^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9:]{5,8}Z)?$/, path: false, sealed: false },
  sealed: { pattern: /^[A-Za-z0-9_-]{43,4096}$/, path: false, sealed: true },
} as const satisfies Record<string, ParameterType>

export type ParameterTypeName = keyof typeof TYPES

/** Types that a query parameter may have, for the schema. */
export const REQUEST_TYPES = Object.keys(TYPES) as readonly ParameterTypeName[]

/** Types that a value of the upstream's may have, for the schema. */
export const VALUE_TYPES = REQUEST_TYPES.filter((name) => !TYPES[name].sealed)

/** Types that a path parameter may have, for hints. */
export const PATH_TYPES = REQUEST_TYPES.filter((name) => TYPES[name].path)

/** True for the name of a type, as a policy writes it. */
export function isParameterType(name: string): name is ParameterTypeName {
  return Object.hasOwn(TYPES, name)
}

/** True where `text`, decoded, is the one spelling of a value of this type. */
export function fitsType(type: ParameterTypeName, text: string): boolean {
  return TYPES[type].pattern.test(text)
}

/** True where the values of the parameter were sealed by the gateway. */
export function isSealed(domain: QueryDomain | undefined): boolean {
  return domain?.kind === 'type' && TYPES[domain.type].sealed
}

/** What one parameter accepts: a type, or exactly these values. */
export type ParameterDomain =
  | { readonly kind: 'type'; readonly type: ParameterTypeName }
  | { readonly kind: 'values'; readonly values: ReadonlySet<string> }

/** True where `text`, decoded, is a value that the parameter may have. */
export function fitsDomain(domain: ParameterDomain, text: string): boolean {
  return domain.kind === 'type' ? fitsType(domain.type, text) : domain.values.has(text)
}

const OVERLAPPING: readonly (readonly [ParameterTypeName, ParameterTypeName])[] = [
  ['integer', 'slug'],
  ['uuid', 'slug'],
]

/** True where some text fits both; then two routes that differ only here cannot be told apart. */
export function domainsOverlap(a: ParameterDomain, b: ParameterDomain): boolean {
  if (a.kind === 'values') return [...a.values].some((value) => fitsDomain(b, value))
  if (b.kind === 'values') return domainsOverlap(b, a)
  if (a.type === b.type) return true
  return OVERLAPPING.some(
    ([x, y]) => (a.type === x && b.type === y) || (a.type === y && b.type === x),
  )
}

/** What a query parameter accepts: one value, several in a list with a limit, or a text that is looked into elsewhere. */
export type QueryDomain = ParameterDomain | ListDomain | TextDomain

export interface TextDomain {
  readonly kind: 'text'
  readonly charsMax: number
}

export interface ListDomain {
  readonly kind: 'list'
  readonly of: ParameterDomain
  /** Values in one list. */
  readonly max: number
  /** Whether the parameter stands once for each value (`ids[]=1&ids[]=2`) instead of once for all (`ids=1,2`). */
  readonly repeated: boolean
}

/**
 * True where `texts`, all that a request gives for the parameter, are what it may have: one value, or a list without a value
 * that stands twice.
 */
export function fitsQueryDomain(domain: QueryDomain, texts: readonly string[]): boolean {
  const [first] = texts
  if (first === undefined) return false
  if (domain.kind === 'text') return texts.length === 1 && first.length <= domain.charsMax
  if (domain.kind !== 'list') return texts.length === 1 && fitsDomain(domain, first)
  if (!domain.repeated && texts.length > 1) return false
  const values = domain.repeated ? texts : first.split(',')
  return (
    values.length <= domain.max &&
    new Set(values).size === values.length &&
    values.every((value) => fitsDomain(domain.of, value))
  )
}
