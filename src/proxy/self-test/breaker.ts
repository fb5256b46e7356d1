/** Refuses what leaks: the route, or all of them, as the policy says. */
import type { Exchange } from '../exchange.ts'
import { RefusedError } from '../refused.ts'

export interface Breaker {
  /** Routes by their template; `all`. Nothing: it lets everything through. */
  open: ReadonlySet<string> | 'all'
}

/** Throws {@link RefusedError} while a self-test tells that the route leaks. The self-test itself goes on asking. */
export function refuseLeaking(
  { match, selfTest }: Exchange,
  { breaker }: { readonly breaker: Breaker },
): void {
  const { open } = breaker
  if (selfTest !== undefined) return
  if (open === 'all' || open.has(match?.route.template.text ?? ''))
    throw new RefusedError('self-test-failed')
}
