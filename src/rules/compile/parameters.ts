/** Resolves the query parameters of a route. */
import type { DeclaredQuery } from '../compiled-policy.ts'
import type { ParameterDocument, RouteDocument } from '../policy/document.ts'
import { EXPRESSION_CHARS_MAX } from '../search/expression.ts'
import type { SearchRules } from '../search/search-rules.ts'
import { isParameterType } from '../routing/parameter-types.ts'
import type { ParameterDomain, QueryDomain } from '../routing/parameter-types.ts'

/** Values of a list where the policy does not say how many there may be. */
const LIST_MAX = 100

/** What a route declares, the parameters of its searches among them; none where it declares none. */
export function compileParameters(
  query: RouteDocument['query'],
  searches: readonly SearchRules[],
): DeclaredQuery {
  if (query === 'any') return 'any'
  const declared = new Map<string, QueryDomain>()
  for (const [name, value] of Object.entries(query ?? {})) declared.set(name, domainOf(value))
  for (const { place } of searches) {
    if (place.kind === 'parameter') {
      declared.set(place.name, { kind: 'text', charsMax: EXPRESSION_CHARS_MAX })
    }
  }
  return declared
}

/** Parameters of a route that take sealed cursors back. */
export function sealedParameters({ query }: RouteDocument): readonly string[] {
  const declared = typeof query === 'object' ? Object.entries(query) : []
  return declared.flatMap(([name, value]) => (value === 'sealed' ? [name] : []))
}

function domainOf(value: ParameterDocument): QueryDomain {
  if (typeof value !== 'object' || !('list' in value)) return singleDomain(value)
  return {
    kind: 'list',
    of: singleDomain(value.list),
    max: value.max ?? LIST_MAX,
    repeated: value.repeated === true,
  }
}

/** What one value may be. The schema takes the names of types only, so that any other text does not come here. */
export function singleDomain(
  value: string | readonly (string | number | boolean)[],
): ParameterDomain {
  if (typeof value === 'string' && isParameterType(value)) return { kind: 'type', type: value }
  return {
    kind: 'values',
    values: new Set((typeof value === 'string' ? [value] : value).map(String)),
  }
}
