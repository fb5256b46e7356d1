/** Keeps what was compiled for a role set, with what it reveals. */

/** Results kept for one route; beyond it the oldest is compiled anew when asked for. */
const KEPT_MAX = 256

/** `compile`, whose results are kept. `roles` are sorted, so that a set has one spelling. */
export function cachedByRoles<T>(
  compile: (roles: readonly string[]) => T,
): (roles: readonly string[]) => T {
  const cached = cachedByNames(compile)
  return (roles) => cached(roles, [])
}

/** The same for roles and classes that are revealed, both sorted. What is worn is compiled anew. */
export function cachedByNames<T>(
  compile: (roles: readonly string[], revealed: readonly string[]) => T,
  isWorn: (made: T) => boolean = () => false,
): (roles: readonly string[], revealed: readonly string[]) => T {
  const kept = new Map<string, T>()
  return (roles, revealed) => {
    const key = [roles.join(' '), ...revealed].join('\n')
    const found = kept.get(key)
    if (found !== undefined && !isWorn(found)) return found
    const made = compile(roles, revealed)
    const oldest = kept.keys().next().value
    if (kept.size >= KEPT_MAX && oldest !== undefined) kept.delete(oldest)
    kept.set(key, made)
    return made
  }
}
