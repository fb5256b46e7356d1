/**
 * Who looks too much: what a request asks by is counted before the upstream is asked, and whom it asks for is counted for the time
 * being; what the answer really exposed is counted while it is still held. What a passed threshold leads to is done at once.
 */
import { CounterUnavailableError } from '../detection/errors.ts'
import type { LookupState, LookupWindow } from '../detection/lookup-counter.ts'
import { MEMBERS_PER_CALL_MAX, WINDOWS_PER_CALL_MAX } from '../detection/lookup-limits.ts'
import { countedAfter } from './detect/after.ts'
import { applies } from './detect/applies.ts'
import { countedBefore } from './detect/before.ts'
import type { Counting, Crossing, HeldLookups } from './detect/counted.ts'
import { comparedDay } from './detect/day.ts'
import { has, respondToRequest } from './detect/respond.ts'
import { unknownCrossings } from './detect/unknown-rules.ts'
import type { Exchange } from './exchange.ts'
import { RefusedError } from './refused.ts'
import type { Services } from './services.ts'
import { STORES_TOO_SLOW, withinStoreBudget } from './store-budget.ts'

/**
 * Counts what the request asks by and for, and asks which rules that have a say are over their threshold: one step. Then does what
 * these say. Throws {@link RefusedError} where the upstream must not be asked.
 */
export async function askLookups(exchange: Exchange, services: Services): Promise<void> {
  const rules = services.policy.lookups.filter((rule) => applies(rule, exchange))
  const asked = rules.flatMap((rule) => countedBefore(rule, exchange, services))
  const states = await count(exchange, services, asked)
  const active = activeOf(asked, states)
  // What is refused for its count stays counted.
  exchange.heldLookups = has(active, 'block') ? [] : heldBy(asked, states ?? [])
  await respondToRequest(exchange, services, active)
}

function heldBy(asked: readonly Counting[], states: readonly LookupState[]): HeldLookups[] {
  const all = asked.map((counting, index) => ({ counting, held: states[index]?.held ?? [] }))
  return all.filter(({ held }) => held.length > 0)
}

/**
 * Counts what the answer exposes, in the place of what was counted for the time being; thresholds passed by that wait on the
 * exchange for its next record. `mask`: it must be masked anew, strictly, before it leaves. Throws {@link RefusedError} where it must
 * not leave.
 */
export async function addLookups(
  exchange: Exchange,
  services: Services,
): Promise<'stands' | 'mask'> {
  const rules = services.policy.lookups.filter((rule) => applies(rule, exchange))
  const exposed = rules.flatMap((rule) => countedAfter(rule, exchange, services))
  const corrected = withHeld(exposed, exchange)
  const states = await count(exchange, services, corrected)
  exchange.heldLookups = []
  const active = activeOf(corrected, states).filter(({ window }) => !wasAllowed(window))
  if (has(active, 'block')) throw new RefusedError('lookups-exceeded')
  return has(active, 'mask') && exchange.maskedFor.length > 0 ? 'mask' : 'stands'
}

/** Takes back what was counted for the time being, where no answer came to tell better. Waits for nobody. */
export function takeBackLookups(exchange: Exchange, { counter, log }: Services): void {
  const held = withHeld([], exchange)
  exchange.heldLookups = []
  if (held.length === 0) return
  // What cannot be taken back stays counted.
  void counter
    // A threshold that is passed all the same waits for a call that can tell of it.
    .add(held.map(({ window }) => ({ ...window, quiet: true })))
    .catch((error: unknown) => log.failure('look-ups not taken back', error))
}

function withHeld(exposed: readonly Counting[], { heldLookups }: Exchange): readonly Counting[] {
  const drops = new Map(heldLookups.map((one) => [one.counting.window.key, one]))
  const corrected = exposed.map((counting) => {
    const found = drops.get(counting.window.key)
    drops.delete(counting.window.key)
    return found === undefined
      ? counting
      : { ...counting, window: { ...counting.window, drop: found.held } }
  })
  const others = [...drops.values()].map(({ counting, held }) => ({
    ...counting,
    window: { ...counting.window, hold: false, members: [], drop: held },
  }))
  return [...corrected, ...others]
}

/** The states, in the order of what is counted; undefined where they are not known and the rules go on all the same. */
async function count(
  exchange: Exchange,
  services: Services,
  countings: readonly Counting[],
): Promise<readonly LookupState[] | undefined> {
  if (countings.length === 0) return undefined
  if (exchange.lookupsUnknown) return notKnown(exchange, services, countings, undefined)
  try {
    const states = await addAll(exchange, services, countings)
    exchange.crossings = [
      ...exchange.crossings,
      ...crossings(countings, states, exchange, services),
    ]
    checkLost(exchange, services, countings, states)
    return states
  } catch (cause) {
    if (!(cause instanceof CounterUnavailableError)) throw cause
    return notKnown(exchange, services, countings, cause)
  }
}

// What was lost of a window that is past its threshold all the same changes nothing.
function checkLost(
  exchange: Exchange,
  services: Services,
  countings: readonly Counting[],
  states: readonly LookupState[],
): void {
  const lost = countings.filter(({ knows }, index) => {
    const state = states[index]
    return knows !== true && state?.lost === true && !state.active
  })
  if (lost.some(({ rule }) => rule.whenUnknown === 'refuse'))
    throw new RefusedError('counters-unavailable')
  exchange.crossings = [...exchange.crossings, ...unknownCrossings(lost, services)]
}

// One rule that refuses is enough, also where it counts only now and another has found out before.
function notKnown(
  exchange: Exchange,
  services: Services,
  countings: readonly Counting[],
  cause: unknown,
): undefined {
  const refuses = countings.some(({ rule }) => rule.whenUnknown === 'refuse')
  if (refuses) throw new RefusedError('counters-unavailable', { cause })
  exchange.lookupsUnknown = true
  exchange.crossings = [...exchange.crossings, ...unknownCrossings(countings, services)]
  return undefined
}

// One step for all, unless the answer is about so many data subjects that rules watch each of.
async function addAll(
  exchange: Exchange,
  services: Services,
  countings: readonly Counting[],
): Promise<readonly LookupState[]> {
  const windows = countings.map(({ window }) => ({
    ...window,
    members: window.members.slice(0, MEMBERS_PER_CALL_MAX),
  }))
  const states: LookupState[] = []
  for (let from = 0; from < windows.length; from += WINDOWS_PER_CALL_MAX) {
    const some = windows.slice(from, from + WINDOWS_PER_CALL_MAX)
    const found = await withinStoreBudget(exchange, services, {
      work: () => services.counter.add(some),
      late: () => new CounterUnavailableError(STORES_TOO_SLOW),
    })
    states.push(...found)
  }
  return states
}

function crossings(
  countings: readonly Counting[],
  states: readonly LookupState[],
  exchange: Exchange,
  { ids }: Services,
): readonly Crossing[] {
  let knownMs = 0
  return countings.flatMap(({ rule, owner, dataClass, knows, window }, index) => {
    const state = states[index]
    if (knows === true) knownMs = state?.ageMs ?? 0
    if (state?.crossed !== true) return []
    if (dataClass !== undefined && knownMs < rule.afterMs) return []
    const classes = dataClass === undefined ? [...(rule.classes ?? [])] : [dataClass]
    const crossing = { findingId: ids(), rule, owner, classes, observed: state.distinct }
    const { compared } = state
    if (compared === undefined || window.baseline === undefined) return [crossing]
    return [{ ...crossing, compared: comparedDay(compared, window.baseline, exchange) }]
  })
}

function activeOf(
  countings: readonly Counting[],
  states: readonly LookupState[] | undefined,
): readonly Counting[] {
  if (states === undefined) return []
  // A state that is missing is no permission. That somebody is known is no window of its rule.
  return countings.filter(({ knows }, index) => knows !== true && states[index]?.active !== false)
}

// Whom the request was let through for, within the threshold: what others have passed meanwhile is not held against it.
function wasAllowed({ members, drop = [] }: LookupWindow): boolean {
  const held = new Set(drop.map(({ member }) => member))
  return drop.length > 0 && members.every((member) => held.has(member))
}
