/**
 * Leaves out what is told already: an address below a name changes for the reason for which addresses change everywhere. A line goes only
 * where, for the same role, each of its causes is told of a place that fewer queries cover.
 */
import type { PolicyChange } from './change.ts'
import type { CoverPair } from './cover-pairs.ts'

/** Whom a line is about where it takes several roles to see the place. */
export const TOGETHER = '(roles together)'

export interface PlacedChange {
  readonly change: PolicyChange
  readonly pair: CoverPair
  /** Lines that only one policy has there, and classes that the role sees under one only. */
  readonly causes: readonly string[]
}

/** Lines of one route that are held against each other; where there are more, all are told. */
const COMPARED_MAX = 2_000

/** The lines that tell something of their own, in their order. */
export function withoutRepeated(lines: readonly PlacedChange[]): readonly PlacedChange[] {
  if (lines.length > COMPARED_MAX) return lines
  const byDirection = Map.groupBy(lines, ({ change }) => change.direction)
  return lines.filter((line) => {
    const { change, pair, causes } = line
    const told = (byDirection.get(change.direction) ?? []).filter(
      (other) =>
        (other.change.role === change.role || change.role === TOGETHER) &&
        isBelow(other.pair, pair),
    )
    return !(
      causes.length > 0 &&
      causes.every((cause) => told.some((other) => other.causes.includes(cause)))
    )
  })
}

/** True where fewer queries cover the one place, and all of them the other. */
function isBelow(a: CoverPair, b: CoverPair): boolean {
  const fewer = a.before.length + a.after.length < b.before.length + b.after.length
  return (
    fewer &&
    a.before.every((index) => b.before.includes(index)) &&
    a.after.every((index) => b.after.includes(index))
  )
}
