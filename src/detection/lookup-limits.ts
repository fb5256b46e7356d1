/** Limits of the look-up counters, the same for every implementation. */
import assert from 'node:assert/strict'
import type { LookupWindow } from './lookup-counter.ts'

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

/** The same for what is to be reserved. */
export function checkReservation(windows: readonly LookupWindow[]): void {
  checkWindows(windows)
  const keys = new Set(windows.map(({ key }) => key))
  assert.ok(keys.size === windows.length, 'a window stands twice in one reservation')
}
