/**
 * Which operator wins where several classes cover one location. The order is: suppress above redact, redact above every other
 * operator, every operator above show. Two that are neither above nor below each other fall to redact.
 */
import { strict as assert } from 'node:assert'
import type { OperatorInstance } from './operator.ts'
import { REDACT } from './operators/redact.ts'

/** What a location gets: an operator, or the value in clear. */
export type Protection = OperatorInstance | 'show'

/**
 * The least protection that is at least as protective as each of the given ones; one or more must be given. It depends on the set
 * of their ids only, not on order or number, and may be taken group by group: the order above is a lattice.
 */
export function mostProtective(instances: readonly Protection[]): Protection {
  // Nothing covers the location: to answer show would open what nobody decided on.
  assert(instances.length > 0, 'the protection of no instance is undefined')
  const operators = new Map<string, OperatorInstance>()
  for (const instance of instances) {
    if (instance !== 'show') operators.set(instance.id, instance)
  }
  const [first, ...others] = operators.values()
  if (first === undefined) return 'show'
  if (others.length === 0) return first
  return operators.get('suppress') ?? REDACT
}
