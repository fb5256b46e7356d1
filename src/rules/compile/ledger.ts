/**
 * The ledger of one program: for each rule how many locations it covered, and by which operator each of them left. A location
 * is told by the query of its rule: with the member names that the policy spells out, and `*` for all others and for indices.
 */
import { formatQuery } from '../../json/query/format.ts'
import type { LocationExposure } from '../../core/audit-facts.ts'
import type { OperatorInstance } from '../operator.ts'
import type { ClassQuery } from './route-queries.ts'

/** How a location of a rule left: in clear, by a reveal, by the operator of its class, or by a more protective one. */
const SHOWN = 0
const REVEALED = 1
const OWN = 2
const STRICTER = 3
const SLOTS = 4

export interface LedgerSource {
  readonly queries: readonly ClassQuery[]
  /** The operator of each class. */
  readonly maskOf: (dataClass: string) => OperatorInstance | undefined
  /** The first counter that is the ledger's. */
  readonly firstCounter: number
}

export interface Ledger {
  readonly counterCount: number
  /** The counters of a location: which rules cover it, and what is done there. */
  readonly countersOf: (location: CoveredLocation) => readonly number[]
  /** The counter of leaves that no rule covers, and that are masked for it. */
  readonly unlisted: number
  /** What was counted, rule by rule in the order of the policy. */
  readonly read: (counters: readonly number[]) => readonly LocationExposure[]
}

export interface CoveredLocation {
  /** Numbers of the class queries that cover it. */
  readonly targets: readonly number[]
  readonly winner: OperatorInstance | 'show'
  /** True where what the winner leaves is the value itself. */
  readonly clear: boolean
  readonly isRevealed: (dataClass: string) => boolean
}

export function createLedger({ queries, maskOf, firstCounter }: LedgerSource): Ledger {
  const unlisted = firstCounter + queries.length * SLOTS
  const slotOf = (dataClass: string, location: CoveredLocation): number => {
    if (location.clear) return location.isRevealed(dataClass) ? REVEALED : SHOWN
    return location.winner === maskOf(dataClass) ? OWN : STRICTER
  }
  return {
    counterCount: queries.length * SLOTS + 1,
    unlisted,
    countersOf: (location) =>
      location.targets.flatMap((target) => {
        const query = queries[target]
        return query === undefined
          ? []
          : [firstCounter + target * SLOTS + slotOf(query.dataClass, location)]
      }),
    read: (counters) => {
      const locations = queries.flatMap((query, target) => {
        const at = firstCounter + target * SLOTS
        return exposuresOf(query, maskOf(query.dataClass), counters.slice(at, at + SLOTS))
      })
      const others = counters[unlisted] ?? 0
      return others === 0 ? locations : [...locations, { ...UNLISTED, count: others }]
    },
  }
}

const UNLISTED = {
  at: '$..*',
  class: undefined,
  rule: 'unlisted',
  operator: 'mask',
} as const

function exposuresOf(
  { query, told, dataClass, path }: ClassQuery,
  mask: OperatorInstance | undefined,
  counts: readonly number[],
): LocationExposure[] {
  const operators = ['show', 'reveal', mask?.id ?? 'redact', 'stricter']
  return operators.flatMap((operator, slot) => {
    const count = counts[slot] ?? 0
    if (count === 0) return []
    const at = told ?? formatQuery(query)
    return [{ at, class: dataClass, rule: path.join('.'), operator, count }]
  })
}
