/** Holds an answer against the shape that its route says: one of another shape could hold what no rule finds. */
import type { Route } from '../../rules/compiled-policy.ts'
import { RefusedError } from '../refused.ts'

/**
 * Throws {@link RefusedError} `upstream-shape-refused`. The body must be JSON for certain, as it is once the masking engine
 * has accepted it.
 */
export function requireShape({ shapeFault }: Route, parts: readonly Buffer[]): void {
  const fault = shapeFault?.(parts)
  if (fault !== undefined) {
    throw new RefusedError('upstream-shape-refused', { cause: new Error(fault) })
  }
}
