/**
 * Look-up counters of one machine, in memory. A window keeps only its `over + 1` latest members: the count has passed
 * the threshold exactly as long as the oldest of these is within the window, so that nothing more is needed.
 */
import { systemClock, type Clock } from '../core/clock.ts'
import { CounterUnavailableError } from './errors.ts'
import type { LookupCounter, LookupState, LookupWindow } from './lookup-counter.ts'
import { checkReservation, checkWindows } from './lookup-limits.ts'
import { MemoryDayCounts } from './memory-day-counts.ts'
import { Sightings } from './sightings.ts'

export interface MemoryLookupCounterOptions {
  readonly clock?: Clock
  /** Windows kept at once. */
  readonly windowsMax?: number
  /** Members kept at once, in all windows together. */
  readonly membersMax?: number
  /** Told when a window is forgotten before its time, since there are too many. */
  readonly onForgotten?: () => void
}

const WINDOWS_MAX = 100_000
const MEMBERS_MAX = 4_000_000
/** So many windows that have passed their threshold are looked at for one whose members have all expired. */
const EXPIRED_SCAN_MAX = 100

/**
 * Makes a counter. Beyond the limits the window that was idle for longest is forgotten, but never one that has passed its
 * threshold; where all have, `add` rejects with CounterUnavailableError and adds nothing.
 */
export function createMemoryLookupCounter(options: MemoryLookupCounterOptions = {}): LookupCounter {
  const windows = new Windows(options)
  return {
    // A promise of its own, so that every failure is a rejection.
    add: (asked) => new Promise((resolve) => resolve(windows.add(asked))),
    reserve: (asked) => new Promise((resolve) => resolve(windows.reserve(asked))),
    forget: (keys) => new Promise((resolve) => resolve(windows.forget(keys))),
    // What is lost here is lost with the process.
    acceptLoss: () => Promise.resolve(),
    close: () => Promise.resolve(),
  }
}

class Windows {
  readonly #clock: Clock
  readonly #windowsMax: number
  readonly #membersMax: number
  readonly #onForgotten: (() => void) | undefined
  // The one used longest ago first, in both.
  readonly #calm = new Map<string, Sightings>()
  readonly #exceeded = new Map<string, Sightings>()
  // Kept over calls: to begin anew at the front of a large Map is to step over everything that was deleted there.
  #calmKeys = this.#calm.keys()
  #members = 0
  readonly #days: MemoryDayCounts

  constructor(options: MemoryLookupCounterOptions) {
    this.#clock = options.clock ?? systemClock
    this.#windowsMax = options.windowsMax ?? WINDOWS_MAX
    this.#membersMax = options.membersMax ?? MEMBERS_MAX
    this.#onForgotten = options.onForgotten
    this.#days = new MemoryDayCounts(options.onForgotten)
  }

  add(asked: readonly LookupWindow[]): readonly LookupState[] {
    checkWindows(asked)
    const now = this.#clock.monotonicMs()
    this.#makeRoom(
      asked.filter(({ baseline }) => baseline === undefined),
      now,
    )
    const wallMs = this.#clock.nowMs()
    return asked.map((window) =>
      window.baseline === undefined
        ? this.#addOne(window, now)
        : this.#days.add(window, window.baseline, wallMs),
    )
  }

  reserve(asked: readonly LookupWindow[]): readonly LookupState[] {
    checkReservation(asked)
    const now = this.#clock.monotonicMs()
    const states = asked.map((window) => this.#countWith(window, now))
    return states.some(({ exceeded }) => exceeded) ? states : this.add(asked)
  }

  forget(keys: readonly string[]): void {
    for (const key of keys) {
      this.#forget(key)
      this.#days.forget(key)
    }
  }

  #countWith({ key, members, withinMs, over }: LookupWindow, now: number): LookupState {
    const found = this.#calm.get(key) ?? this.#exceeded.get(key)
    const distinct = new Set([...members, ...(found?.present(now, withinMs) ?? [])]).size
    return {
      distinct,
      exceeded: distinct > over,
      crossed: false,
      active: false,
      ageMs: 0,
      held: [],
    }
  }

  #addOne(window: LookupWindow, now: number): LookupState {
    const { key } = window
    const sightings = this.#calm.get(key) ?? this.#exceeded.get(key) ?? new Sightings()
    this.#forget(key)
    const state = sightings.add(window, now)
    // An empty window without a cool-down is the same as none.
    if (sightings.size > 0 || sightings.expiresMs > now) this.#keep(key, sightings, state.active)
    return state
  }

  #keep(key: string, sightings: Sightings, exceeded: boolean): void {
    const map = exceeded ? this.#exceeded : this.#calm
    map.set(key, sightings)
    this.#members += sightings.size
  }

  #forget(key: string): void {
    const sightings = this.#calm.get(key) ?? this.#exceeded.get(key)
    if (sightings === undefined) return
    this.#calm.delete(key)
    this.#exceeded.delete(key)
    this.#members -= sightings.size
  }

  /** Forgets windows until everything that is asked for fits. Throws, before anything is added, where it cannot. */
  #makeRoom(asked: readonly LookupWindow[], now: number): void {
    const keys = new Set(asked.map(({ key }) => key))
    let windows = 0
    for (const key of keys) {
      // To the end, so that the first is never one of those asked for, unless all are.
      if (this.#calm.has(key)) this.#touched(key)
      else if (!this.#exceeded.has(key)) windows += 1
    }
    const members = asked.reduce((sum, window) => sum + window.members.length, 0)
    while (
      this.#calm.size + this.#exceeded.size + windows > this.#windowsMax ||
      this.#members + members > this.#membersMax
    ) {
      const key = this.#forgettable(keys, now)
      if (key === undefined) {
        throw new CounterUnavailableError(
          'The look-up counters are full of windows past their threshold',
        )
      }
      this.#forget(key)
    }
  }

  #forgettable(asked: ReadonlySet<string>, now: number): string | undefined {
    const calm = this.#oldestCalm()
    if (calm !== undefined && !asked.has(calm)) {
      if ((this.#calm.get(calm)?.expiresMs ?? now) > now) this.#onForgotten?.()
      return calm
    }
    let looked = 0
    for (const [key, sightings] of this.#exceeded) {
      if (looked === EXPIRED_SCAN_MAX) break
      looked += 1
      if (sightings.expiresMs <= now && !asked.has(key)) return key
    }
    return undefined
  }

  #oldestCalm(): string | undefined {
    const next = this.#calmKeys.next()
    if (next.done !== true) return this.#touched(next.value)
    // An iterator that has come to its end stays there.
    this.#calmKeys = this.#calm.keys()
    const first = this.#calmKeys.next()
    return first.done === true ? undefined : this.#touched(first.value)
  }

  /** Puts a calm window to the end: the iterator has passed it, and must come to it again where it is kept. */
  #touched(key: string): string {
    const sightings = this.#calm.get(key)
    this.#calm.delete(key)
    if (sightings !== undefined) this.#calm.set(key, sightings)
    return key
  }
}
