/**
 * The ledger of one program: at each place, how many locations each rule covered, and by which operator they left. A place is
 * told by its normalized path, with `[*]` for indices and for member names that the policy does not spell out there. Where the caller chooses
 * the names, the rule's words stand for it.
 */
import { OTHER_PLACES } from '../../core/audit-facts.ts'
import type { LocationExposure } from '../../core/audit-facts.ts'
import { formatQuery } from '../../json/query/format.ts'
import type { OperatorInstance } from '../operator.ts'
import type { ClassQuery } from './route-queries.ts'

/** How a location of a rule left: in clear, by a reveal, by the operator of its class, or by a more protective one. */
const SHOWN = 0
const REVEALED = 1
const OWN = 2
const STRICTER = 3
const SLOTS = 4

/** Counters for places, of all rules together. Beyond it a rule's locations are counted without their place. */
const PLACED_MAX = 2_000

export interface LedgerSource {
  readonly queries: readonly ClassQuery[]
  /** The operator of each class. */
  readonly maskOf: (dataClass: string) => OperatorInstance | undefined
  /** The first counter that is the ledger's. */
  readonly firstCounter: number
  /** False: the caller chooses the names of answers, so that no place can be told. */
  readonly places: boolean
}

/** Counters of a place, for each location there. */
export type CountersAt = (place: string | undefined) => readonly number[]

export interface Ledger {
  readonly counterCount: number
  readonly tellsPlaces: boolean
  /** The counters of a location: which rules cover it, and what is done there. */
  readonly countersOf: (location: CoveredLocation) => CountersAt
  /** The counters of leaves that no rule covers, and that are masked for it. */
  readonly unlisted: CountersAt
  /** What was counted, rule by rule in the order of the policy, and of each its places by name. */
  readonly read: (counters: readonly number[]) => readonly LocationExposure[]
  /** True where there were more places than it tells. */
  readonly isFull: () => boolean
}

export interface CoveredLocation {
  /** Numbers of the class queries that cover it. */
  readonly targets: readonly number[]
  readonly winner: OperatorInstance | 'show'
  /** True where what the winner leaves is the value itself. */
  readonly clear: boolean
  readonly isRevealed: (dataClass: string) => boolean
}

export function createLedger({ queries, maskOf, firstCounter, places }: LedgerSource): Ledger {
  const unlisted = queries.length * SLOTS
  const table = new PlacedCounters(unlisted + 1, places ? PLACED_MAX : 0)
  const slotOf = (dataClass: string, location: CoveredLocation): number => {
    if (location.clear) return location.isRevealed(dataClass) ? REVEALED : SHOWN
    return location.winner === maskOf(dataClass) ? OWN : STRICTER
  }
  const countersAt =
    (entries: readonly number[]): CountersAt =>
    (place) =>
      entries.map((entry) => firstCounter + table.counterOf(entry, place))
  return {
    counterCount: table.size,
    tellsPlaces: places,
    unlisted: countersAt([unlisted]),
    countersOf: (location) =>
      countersAt(
        location.targets.flatMap((target) => {
          const query = queries[target]
          return query === undefined ? [] : [target * SLOTS + slotOf(query.dataClass, location)]
        }),
      ),
    read: (all) => {
      const counters = all.slice(firstCounter)
      const told = [...queries.flatMap((query) => rowsOf(query, maskOf(query.dataClass))), UNLISTED]
      return told.flatMap(({ query, ...row }, entry) => [
        ...table
          .placesOf(entry)
          .flatMap(([at, counter]) => counted({ at, ...row }, counters[counter])),
        ...counted({ at: places ? OTHER_PLACES : query, ...row }, counters[entry]),
      ])
    },
    isFull: () => places && table.isFull,
  }
}

/** Counters by entry (a rule with what it did) and place: those of entries without their place come first. */
class PlacedCounters {
  readonly size: number
  readonly #entries: Map<string, number>[]
  #next: number

  constructor(entries: number, placedMax: number) {
    this.size = entries + placedMax
    this.#next = entries
    this.#entries = Array.from({ length: entries }, () => new Map())
  }

  counterOf(entry: number, place: string | undefined): number {
    const places = this.#entries[entry] as Map<string, number>
    if (place === undefined) return entry
    const known = places.get(place)
    if (known !== undefined || this.isFull) return known ?? entry
    const counter = this.#next
    this.#next += 1
    places.set(place, counter)
    return counter
  }

  placesOf(entry: number): readonly (readonly [string, number])[] {
    return [...(this.#entries[entry] ?? [])].toSorted(([a], [b]) => (a < b ? -1 : 1))
  }

  get isFull(): boolean {
    return this.#next >= this.size
  }
}

/** A line of the ledger without its place; `query` is what stands for that where it has none. */
type Row = Omit<LocationExposure, 'at' | 'count'> & { readonly query: string }

const UNLISTED: Row = { query: '$..*', class: undefined, rule: 'unlisted', operator: 'mask' }

function rowsOf(
  { query, told, dataClass, path }: ClassQuery,
  mask: OperatorInstance | undefined,
): Row[] {
  const operators = ['show', 'reveal', mask?.id ?? 'redact', 'stricter']
  return operators.map((operator) => ({
    query: told ?? formatQuery(query),
    class: dataClass,
    rule: path.join('.'),
    operator,
  }))
}

function counted(row: Omit<LocationExposure, 'count'>, count = 0): LocationExposure[] {
  return count === 0 ? [] : [{ ...row, count }]
}
