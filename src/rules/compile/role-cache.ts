/** Keeps what was compiled for a role set. */

/** Role sets kept for one route; beyond it the oldest is compiled anew when asked for. */
const ROLE_SETS_MAX = 256

/** `compile`, whose results are kept. `roles` are sorted, so that a set has one spelling. */
export function cachedByRoles<T>(
  compile: (roles: readonly string[]) => T,
): (roles: readonly string[]) => T {
  const kept = new Map<string, T>()
  return (roles) => {
    const key = roles.join(' ')
    const found = kept.get(key)
    if (found !== undefined) return found
    const made = compile(roles)
    const oldest = kept.keys().next().value
    if (kept.size >= ROLE_SETS_MAX && oldest !== undefined) kept.delete(oldest)
    kept.set(key, made)
    return made
  }
}
