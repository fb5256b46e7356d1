/** The decision: may these roles use this route, and under which masking. Pure; the obligation is the masking itself. */
import type { Reason } from '../core/reasons.ts'
import type { CompiledPolicy, Route, RouteMasking } from './compiled-policy.ts'

export type Decision =
  | {
      readonly effect: 'permit'
      readonly reasons: readonly Reason[]
      readonly masking: RouteMasking
    }
  | { readonly effect: 'deny'; readonly reasons: readonly [Reason, ...Reason[]] }

/**
 * Decides by route and roles. `roles` are the known roles of the subject, sorted, as {@link knownRoles} gives them.
 * `route` undefined: no route matched.
 */
export function decide(route: Route | undefined, roles: readonly string[]): Decision {
  if (roles.length === 0) return { effect: 'deny', reasons: ['role-unknown'] }
  if (route === undefined) return { effect: 'deny', reasons: ['route-unlisted'] }
  const allowed = route.roles
  if (allowed !== undefined && !roles.some((role) => allowed.has(role))) {
    return { effect: 'deny', reasons: ['route-forbidden'] }
  }
  return { effect: 'permit', reasons: ['role-permits'], masking: route.maskingFor(roles) }
}

/** The roles of a token that the policy knows, sorted, each once. Names are compared exactly. */
export function knownRoles(policy: CompiledPolicy, names: readonly string[]): readonly string[] {
  return [...new Set(names)].filter((name) => policy.roles.has(name)).toSorted()
}
