/** Limits of the look-up counters, the same for every implementation. */
import assert from 'node:assert/strict'
import type { LookupWindow } from './lookup-counter.ts'

/** Members that one call may add to one window. */
const MEMBERS_PER_CALL_MAX = 5_000
/** Windows of one call: the rules of a policy that touch one request. */
const WINDOWS_PER_CALL_MAX = 64
/** The largest threshold. A window keeps `over + 1` members. */
const OVER_MAX = 100_000

/** Throws AssertionError where a call breaks the limits: the policy and the pipeline keep them. */
export function checkWindows(windows: readonly LookupWindow[]): void {
  assert.ok(windows.length <= WINDOWS_PER_CALL_MAX, 'too many look-up windows in one call')
  for (const { members, over, withinMs } of windows) {
    assert.ok(members.length <= MEMBERS_PER_CALL_MAX, 'too many members for one look-up window')
    assert.ok(Number.isInteger(over) && over >= 0 && over <= OVER_MAX, 'threshold out of range')
    assert.ok(Number.isSafeInteger(withinMs) && withinMs > 0, 'window out of range')
  }
}

/** The same for what is to be reserved. */
export function checkReservation(windows: readonly LookupWindow[]): void {
  checkWindows(windows)
  const keys = new Set(windows.map(({ key }) => key))
  assert.ok(keys.size === windows.length, 'a window stands twice in one reservation')
}
