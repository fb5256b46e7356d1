/** From a location to the location of a child: how steps move on and what is reached. */
import { COLUMN_ELEMENT } from './key-table.ts'
import type { Place } from './places.ts'
import { ascending, type Location } from './state.ts'
import type { Step, Steps } from './steps.ts'

/** The location of the document's root. */
export function rootLocation(plan: Steps): Location {
  const root = { covered: [], muted: false, place: plan.places?.root }
  return arrive(plan, plan.initial, root)
}

/** The location of a child in this column. `verdicts` holds 1 for each predicate that selects it. */
export function childLocation(
  plan: Steps,
  from: Location,
  column: number,
  verdicts: readonly number[],
): Location {
  const reached: number[] = []
  for (const position of from.positions) {
    const step = plan.steps[position] as Step
    if (step.descends) reached.push(position)
    if (leadsOn(step, column, verdicts)) reached.push(plan.following[position] as number)
  }
  const { covered, muted } = from
  return arrive(plan, reached, { covered, muted, place: childPlace(plan, from, column) })
}

/** The location inside of a container that was edited whole: ids that are on their way are still looked for. */
export function mutedLocation(plan: Steps, from: Location): Location {
  const positions = from.positions.filter((position) => position >= plan.firstIdStep)
  const nothing = { covered: [], leaf: [], names: [], opens: [], ids: [] }
  return { positions, ...nothing, muted: true, place: undefined }
}

/** A name is told where a step that waits there spells it out. */
function childPlace(plan: Steps, from: Location, column: number): Place | undefined {
  if (plan.places === undefined) return undefined
  const isSpelledOut = from.positions.some((at) => plan.steps[at]?.columns.includes(column))
  return plan.places.child(from.place, isSpelledOut ? plan.keys.nameOf(column) : undefined)
}

function leadsOn(step: Step, column: number, verdicts: readonly number[]): boolean {
  if (step.wildcard) return true
  if (column !== COLUMN_ELEMENT && step.columns.includes(column)) return true
  return step.predicates.some((predicate) => verdicts[predicate] === 1)
}

function arrive(
  plan: Steps,
  reached: readonly number[],
  { covered, muted, place }: Pick<Location, 'covered' | 'muted' | 'place'>,
): Location {
  const positions: number[] = []
  const found = { subtree: [...covered], leaf: [], names: [], scope: [], id: [] } as Record<
    string,
    number[]
  >
  const waiting = plan.steps.length
  const queue = [...reached]
  for (const position of queue) {
    if (position < waiting) {
      positions.push(position)
      continue
    }
    const arrival = plan.arrivals[position - waiting]
    if (arrival === undefined) continue
    if (arrival.kind === 'scope') queue.push(arrival.idPosition)
    found[arrival.kind]?.push('target' in arrival ? arrival.target : arrival.scope)
  }
  return {
    positions: ascending(positions),
    covered: ascending(found['subtree'] ?? []),
    leaf: ascending(found['leaf'] ?? []),
    names: ascending(found['names'] ?? []),
    opens: ascending(found['scope'] ?? []),
    ids: ascending(found['id'] ?? []),
    muted,
    place,
  }
}
