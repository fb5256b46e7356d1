/** What a policy gives to whom, as far as insight compares it with what was used. */
import type { CompiledPolicy } from '../rules/compiled-policy.ts'

/** By role, the classes. */
export type ClassesByRole = ReadonlyMap<string, ReadonlySet<string>>

/** What a policy gives: classes that a role sees, that it may reveal, and that it may set without seeing them. */
export interface RoleGrants {
  readonly show: ClassesByRole
  readonly reveal: ClassesByRole
  readonly write: ClassesByRole
}

/** What roles have by themselves; what break-glass can grant nobody has without a grant. */
export function grantsOf({ roles, routeList, reveal }: CompiledPolicy): RoleGrants {
  // What a role sees does not depend on the route.
  const [route] = routeList
  const none = new Set<string>()
  const byRole = [...roles].map((role) => [role, route?.maskingFor([role])] as const)
  const revealed = new Map<string, Set<string>>()
  for (const { role, dataClass } of reveal?.grants ?? [])
    revealed.set(role, (revealed.get(role) ?? new Set()).add(dataClass))
  return {
    show: new Map(byRole.map(([role, masking]) => [role, masking?.shown ?? none])),
    reveal: revealed,
    write: new Map(byRole.map(([role, masking]) => [role, masking?.writable ?? none])),
  }
}
