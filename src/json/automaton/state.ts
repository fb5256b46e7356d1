/** One state of the automaton: what holds at a location, and what may come below it. */
import type { Treatment } from '../program-source.ts'
import { allOf, type Atom } from './atoms.ts'
import type { Place } from './places.ts'
import { needsLength, type Predicate } from './predicates.ts'
import type { Steps } from './steps.ts'
import { UNTOUCHED, type TreatmentTable } from './treatments.ts'

/** What tells two states apart. Every list ascends without duplicates. */
export interface Location {
  /** Steps that wait for a child of this location. */
  readonly positions: readonly number[]
  /** `subtree` targets that cover it. */
  readonly covered: readonly number[]
  /** `leaf` targets that name it. */
  readonly leaf: readonly number[]
  /** `names` targets that name it. */
  readonly names: readonly number[]
  /** Scopes that begin here. */
  readonly opens: readonly number[]
  /** Scopes whose id this is. */
  readonly ids: readonly number[]
  /** True inside of a container that was edited whole: only ids are looked for. */
  readonly muted: boolean
  /** Where it is; undefined: nobody asks, or it is beyond what is told apart. */
  readonly place: Place | undefined
}

/** A state with what was worked out about it. */
export interface State extends Location {
  /** What happens here if it is no container, an array, an object. */
  readonly onLeaf: Treatment
  readonly onArray: Treatment
  readonly onObject: Treatment
  /** Predicates of the steps that wait. */
  readonly predicates: readonly number[]
  /** Scopes begin here, or have their id here. */
  readonly isPlace: boolean
  readonly hasFilters: boolean
  /** Each filter reads only the candidate's own members. */
  readonly simpleFilters: boolean
  /** What decides all of them; undefined where they must be evaluated. */
  readonly atoms: readonly Atom[] | undefined
  readonly needsLength: boolean
  /** Lengths of the names that lead on, as bits: see KeyTable.lengthBit. */
  readonly nameLengths: number
  /** The same for their first bytes. */
  readonly nameInitials: number
  readonly countsElements: boolean
  /** Next states where predicates decide, by column and outcomes. */
  readonly choices: Map<number | string, number>
  /** The link to the muted state that goes with this one; -1 as long as nobody asked. */
  mutedAs: number
}

/** Identifies a location. */
export function keyOf(location: Location): string {
  const { positions, covered, leaf, names, opens, ids, muted, place } = location
  return [positions, covered, leaf, names, opens, ids, muted, place?.text].join('|')
}

/** Works out what a location means. Throws what `resolve` throws. */
export function describe(location: Location, plan: Steps, treatments: TreatmentTable): State {
  const { covered, leaf, names, muted, place } = location
  const steps = location.positions.map((position) => plan.steps[position])
  const columns = steps.flatMap((step) => step?.columns ?? [])
  const predicates = ascending(steps.flatMap((step) => step?.predicates ?? []))
  const asked = predicates.flatMap((number) => plan.predicates[number] ?? [])
  const treat = (extra: readonly number[]): Treatment =>
    muted
      ? UNTOUCHED
      : treatments.of(extra.length === 0 ? covered : ascending([...covered, ...extra]))
  const whole = (treatment: Treatment): Treatment =>
    treatment.container === undefined ? treatment : treatments.placed(treatment, place)
  return {
    ...location,
    onLeaf: treatments.placed(treat(leaf), place),
    onArray: whole(treat([])),
    onObject: whole(treat(names)),
    predicates,
    isPlace: location.opens.length > 0 || location.ids.length > 0,
    hasFilters: asked.some((predicate) => predicate.kind === 'filter'),
    simpleFilters: asked.every((predicate) => predicate.kind !== 'filter' || predicate.simple),
    atoms: asked.length === 0 ? undefined : allOf(asked.map(atomsOfPredicate)),
    needsLength: asked.some(needsLength),
    countsElements: asked.some((predicate) => predicate.kind !== 'filter'),
    nameLengths: columns.reduce((bits, column) => bits | plan.keys.lengthBit(column), 0),
    nameInitials: columns.reduce((bits, column) => bits | plan.keys.initialBit(column), 0),
    choices: new Map(),
    mutedAs: -1,
  }
}

function atomsOfPredicate(predicate: Predicate): readonly Atom[] | undefined {
  return predicate.kind === 'filter' ? predicate.atoms : undefined
}

/** Sorted, without duplicates. */
export function ascending(numbers: readonly number[]): readonly number[] {
  if (numbers.length < 2) return numbers
  const sorted = [...numbers].sort((a, b) => a - b)
  return sorted.filter((number, at) => number !== sorted[at - 1])
}
