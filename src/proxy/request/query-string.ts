/** Holds the parameters of a request against those that its route declares, and writes them anew for the upstream. */
import { fitsDomain } from '../../rules/routing/parameter-types.ts'
import { formatPairs } from '../../rules/request/pairs.ts'
import type { Pairs } from '../../rules/request/pairs.ts'
import type { ParameterDomain } from '../../rules/routing/parameter-types.ts'

/**
 * The query string for the upstream, without "?", in the order of the policy; undefined where a parameter is not
 * declared, stands twice or has a value that is not allowed.
 */
export function rebuildQueryString(
  parameters: Pairs,
  declared: ReadonlyMap<string, ParameterDomain>,
): string | undefined {
  const given = new Map(parameters)
  if (given.size !== parameters.length) return undefined
  for (const [name, value] of given) {
    const domain = declared.get(name)
    if (domain === undefined || !fitsDomain(domain, value)) return undefined
  }
  return formatPairs(
    [...declared.keys()]
      .filter((name) => given.has(name))
      .map((name) => [name, given.get(name) ?? '']),
  )
}
