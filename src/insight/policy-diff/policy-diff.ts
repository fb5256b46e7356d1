/**
 * What a change of policy makes visible, masks, allows and refuses, and how it changes the controls around that: from the two policies
 * alone, for every document that an upstream could answer. What cannot be told counts as looser.
 */
import type { PolicyChangeCounts } from '../../core/audit-facts.ts'
import type { RegisteredPolicy } from '../register/access-register.ts'
import { accessChanges } from './access.ts'
import type { Direction, PolicyChange } from './change.ts'
import { structuralChanges } from './structure.ts'

const ORDER: readonly Direction[] = ['looser', 'unclear', 'stricter', 'neutral']

/** Positions and selectors of queries that are looked at, each time they are: seconds, and enough for any policy that people write. */
export const DIFF_STEPS_MAX = 20_000_000

/** All changes, those that are looser first. Routes for which `stepsMax` does not suffice are unclear. */
export function policyDiff(
  before: RegisteredPolicy,
  after: RegisteredPolicy,
  stepsMax = DIFF_STEPS_MAX,
): readonly PolicyChange[] {
  const changes = [
    ...accessChanges(before, after, { left: stepsMax }),
    ...structuralChanges(before.document, after.document),
  ]
  return ORDER.flatMap((direction) => changes.filter((change) => change.direction === direction))
}

/** Counts lines; neutral ones are not counted. */
export function countChanges(changes: readonly PolicyChange[]): PolicyChangeCounts {
  const count = (wanted: Direction) =>
    changes.filter(({ direction }) => direction === wanted).length
  return { looser: count('looser'), unclear: count('unclear'), stricter: count('stricter') }
}
