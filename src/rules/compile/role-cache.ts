/** Keeps what was compiled for a role set, with what it reveals. */

/** Results kept for one route; beyond it the oldest is compiled anew when asked for. */
const KEPT_MAX = 256
/** Times that a result is given before it is compiled anew for wear: an answer that wears it out must not cost that each time. */
const USES_MIN = 1_000

/** `compile`, whose results are kept. `roles` are sorted, so that a set has one spelling. */
export function cachedByRoles<T>(
  compile: (roles: readonly string[]) => T,
): (roles: readonly string[]) => T {
  const cached = cachedByNames(compile)
  return (roles) => cached(roles, [])
}

/** The same for roles and classes that are revealed, both sorted. What is worn is compiled anew, now and then. */
export function cachedByNames<T>(
  compile: (roles: readonly string[], revealed: readonly string[]) => T,
  isWorn: (made: T) => boolean = () => false,
): (roles: readonly string[], revealed: readonly string[]) => T {
  const kept = new Map<string, { readonly made: T; uses: number }>()
  return (roles, revealed) => {
    const key = [roles.join(' '), ...revealed].join('\n')
    const found = kept.get(key)
    if (found !== undefined && (found.uses < USES_MIN || !isWorn(found.made))) {
      found.uses += 1
      return found.made
    }
    const made = compile(roles, revealed)
    const oldest = kept.keys().next().value
    if (kept.size >= KEPT_MAX && oldest !== undefined) kept.delete(oldest)
    kept.set(key, { made, uses: 1 })
    return made
  }
}
