/** Limits of the look-up counters, the same for every implementation. */
import assert from 'node:assert/strict'
import type { Baseline, LookupWindow } from './lookup-counter.ts'

/** Members that one call may add to one window. */
export const MEMBERS_PER_CALL_MAX = 5_000
/** Windows of one call. */
export const WINDOWS_PER_CALL_MAX = 1_024
/** The largest threshold. A window keeps `over + 1` members. */
const OVER_MAX = 100_000
/** Members that a window of chains keeps, the latest. */
export const CHAIN_MEMBERS_MAX = 1_000
/** Members that one call may add to a window of chains, or for the time being, or take back. */
const FEW_MAX = 100
const NEAR_MAX = 16
/** Members of a day that are told apart; a count of them goes no further. */
export const DAY_MEMBERS_MAX = 5_000
/** The count of a day that only adds up goes no further. */
export const DAY_COUNT_MAX = 1_000_000
/** Groups that one count is compared with. */
export const GROUPS_MAX = 16
/** Past days of a group. */
const DAYS_MAX = 60
/** Of so many of a group the day is kept for others to be compared with, of those who came first. */
export const GROUP_MEMBERS_MAX = 1_000

/** Throws AssertionError where a call breaks the limits: the policy and the pipeline keep them. */
export function checkWindows(windows: readonly LookupWindow[]): void {
  assert.ok(windows.length <= WINDOWS_PER_CALL_MAX, 'too many look-up windows in one call')
  for (const window of windows) {
    const { members, over, withinMs, rearm = over, cooldownMs = 0, lastsMs = 0 } = window
    assert.ok(members.length <= MEMBERS_PER_CALL_MAX, 'too many members for one look-up window')
    assert.ok(Number.isInteger(over) && over >= 0 && over <= OVER_MAX, 'threshold out of range')
    assert.ok(Number.isInteger(rearm) && rearm >= 0 && rearm <= over, 'rearm out of range')
    assert.ok(Number.isSafeInteger(withinMs) && withinMs > 0, 'window out of range')
    assert.ok(Number.isSafeInteger(lastsMs) && lastsMs >= 0, 'length of a response out of range')
    assert.ok(Number.isSafeInteger(cooldownMs) && cooldownMs >= 0, 'cool-down out of range')
    checkFew(window)
    if (window.baseline !== undefined) checkBaseline(window.baseline, window)
  }
}

function checkFew({ members, hold, near, drop = [] }: LookupWindow): void {
  assert.ok(drop.length <= FEW_MAX, 'too many members to take back')
  if (hold === true || near !== undefined)
    assert.ok(members.length <= FEW_MAX, 'too many members to hold, or of chains')
  if (near === undefined) return
  assert.ok(hold !== true && near.length === members.length, 'neighbours for each member')
  assert.ok(
    near.every((some) => some.length <= NEAR_MAX),
    'too many neighbours',
  )
}

function checkBaseline(
  { groups, offsetMs, days, agentDays, floor, over, on, of }: Baseline,
  { hold, drop = [], near }: LookupWindow,
): void {
  assert.ok(hold !== true && drop.length === 0 && near === undefined, 'a day only adds')
  assert.ok(groups.length > 0 && groups.length <= GROUPS_MAX, 'too many groups, or none')
  assert.ok(new Set(groups).size === groups.length, 'a group stands twice')
  assert.ok(Number.isSafeInteger(offsetMs), 'offset out of range')
  assert.ok(Number.isInteger(days) && days > 0 && days <= DAYS_MAX, 'days out of range')
  assert.ok(Number.isInteger(agentDays) && agentDays > 0, 'agent-days out of range')
  assert.ok(Number.isFinite(floor) && floor > 0, 'floor out of range')
  assert.ok(Number.isFinite(over) && over > 0, 'score out of range')
  assert.ok(Number.isInteger(of) && of > 0 && of <= DAYS_MAX, 'days out of range')
  assert.ok(Number.isInteger(on) && on > 0 && on <= of, 'days out of range')
}

/** The same for what is to be reserved. */
export function checkReservation(windows: readonly LookupWindow[]): void {
  checkWindows(windows)
  const keys = new Set(windows.map(({ key }) => key))
  assert.ok(keys.size === windows.length, 'a window stands twice in one reservation')
}
