/** Holds the parameters of a request against those that its route declares. What goes on is written anew, in one order. */
import type { Pairs } from './pairs.ts'
import { fitsQueryDomain } from '../routing/parameter-types.ts'
import type { DeclaredQuery } from '../compiled-policy.ts'

/**
 * The parameters in the order of the policy; undefined where one is not declared, stands twice or has a value that is not
 * allowed. Where the route takes `any`, in the order given, and each name once.
 */
export function checkParameters(parameters: Pairs, declared: DeclaredQuery): Pairs | undefined {
  const given = new Map<string, string[]>()
  for (const [name, value] of parameters) {
    const values = given.get(name)
    if (values === undefined) given.set(name, [value])
    else values.push(value)
  }
  if (declared === 'any') return given.size === parameters.length ? parameters : undefined
  for (const [name, values] of given) {
    const domain = declared.get(name)
    if (domain === undefined || !fitsQueryDomain(domain, values)) return undefined
  }
  return [...declared.keys()].flatMap((name) =>
    (given.get(name) ?? []).map((value) => [name, value] as const),
  )
}
