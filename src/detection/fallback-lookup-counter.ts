/**
 * Counters in Redis that go on where Redis is away: by those of this machine, which have counted along all the time. What
 * they count meanwhile is added to the shared ones once these are back. Reservations do not go on.
 */
import type { Clock } from '../core/clock.ts'
import { CounterUnavailableError } from './errors.ts'
import type { LookupCounter, LookupState, LookupWindow } from './lookup-counter.ts'

export interface FallbackLookupCounterOptions {
  /** Both are closed with it. */
  readonly shared: LookupCounter
  readonly local: LookupCounter
  /** Whether to go on without the shared ones; asked each time, since a policy may change it. */
  readonly fallBack: () => boolean
  readonly clock: Clock
  /** Told when it begins to count alone, and when no more. */
  readonly notes: (note: string) => void
}

/** After a failure it is tried again so often, and nobody waits for it. */
const RETRY_MS = 1_000
/** Windows remembered while alone; of more, the oldest are not added later. */
const REMEMBERED_MAX = 10_000
const TOGETHER_MAX = 50
/** Members of one window that are added later; a call takes no more. */
const MEMBERS_MAX = 5_000
/** Asks, and adds nothing. */
const PROBE: LookupWindow = { key: 'probe', members: [], withinMs: 1_000, over: 1 }

export function createFallbackLookupCounter(options: FallbackLookupCounterOptions): LookupCounter {
  return new FallbackLookupCounter(options)
}

class FallbackLookupCounter implements LookupCounter {
  readonly #options: FallbackLookupCounterOptions
  #alone = false
  #nextTryMs = 0
  #remembered = new Map<string, LookupWindow>()

  constructor(options: FallbackLookupCounterOptions) {
    this.#options = options
  }

  add: LookupCounter['add'] = async (windows) => {
    const { shared, local, fallBack } = this.#options
    if (!fallBack()) return shared.add(windows)
    if (this.#alone) {
      this.#tryAgain()
      return this.#addAlone(windows)
    }
    try {
      const states = await shared.add(windows)
      // They count along. What is held has a time of the shared ones.
      const along = windows.map((one) =>
        one.hold === true ? { ...one, hold: false, members: [] } : one,
      )
      const own = await local.add(along).catch(() => [])
      return states.map((state, index) => withOwn(state, own[index]))
    } catch (error) {
      if (!(error instanceof CounterUnavailableError)) throw error
      this.#beginAlone(error.message)
      return this.#addAlone(windows)
    }
  }

  // A budget is one of all machines together: what one of them knows is not enough to spend from it.
  reserve: LookupCounter['reserve'] = (windows) => this.#options.shared.reserve(windows)

  forget: LookupCounter['forget'] = async (keys) => {
    for (const key of keys) this.#remembered.delete(key)
    await this.#options.local.forget(keys)
    await this.#options.shared.forget(keys)
  }

  acceptLoss: LookupCounter['acceptLoss'] = () => this.#options.shared.acceptLoss()

  close: LookupCounter['close'] = async () => {
    await Promise.all([this.#options.shared.close(), this.#options.local.close()])
  }

  #beginAlone(problem: string): void {
    if (this.#alone) return
    this.#alone = true
    this.#nextTryMs = this.#options.clock.monotonicMs() + RETRY_MS
    this.#options.notes(`${problem}; look-ups are counted on this machine alone`)
  }

  async #addAlone(windows: readonly LookupWindow[]): Promise<readonly LookupState[]> {
    const states = await this.#options.local.add(windows)
    for (const [index, window] of windows.entries()) {
      const { key, members, over, hold, near, baseline } = window
      // Chains that were counted alone are not added later: what they were next to may be gone by then.
      if (members.length === 0 || hold === true || near !== undefined) continue
      const before = this.#remembered.get(key)
      this.#remembered.delete(key)
      // A window never needs more than what passes its threshold; a day needs all.
      const kept = baseline === undefined ? Math.min(over + 1, MEMBERS_MAX) : MEMBERS_MAX
      const latest = [...new Set([...(before?.members ?? []), ...members])].slice(-kept)
      // A passing that was told here is not told again; one that only all together are past waits for who can tell it.
      const told = before?.quiet === false || states[index]?.crossed === true
      this.#remembered.set(key, { ...window, members: latest, drop: [], quiet: !told })
    }
    for (const key of this.#remembered.keys()) {
      if (this.#remembered.size <= REMEMBERED_MAX) break
      this.#remembered.delete(key)
    }
    return states
  }

  #tryAgain(): void {
    const nowMs = this.#options.clock.monotonicMs()
    if (nowMs < this.#nextTryMs) return
    this.#nextTryMs = Number.POSITIVE_INFINITY
    void this.#joinAgain()
  }

  async #joinAgain(): Promise<void> {
    const { clock, notes } = this.#options
    const done = await this.#handOver()
    this.#nextTryMs = clock.monotonicMs() + RETRY_MS
    if (!done) return
    this.#alone = false
    notes('Look-ups are counted together again')
  }

  /** Adds what was counted alone. True once the shared ones have it. */
  async #handOver(): Promise<boolean> {
    try {
      while (this.#remembered.size > 0) {
        const some = [...this.#remembered.values()].slice(0, TOGETHER_MAX)
        await this.#options.shared.add(some)
        for (const window of some) {
          // What was added meanwhile is another window by now, and stays.
          if (this.#remembered.get(window.key) === window) this.#remembered.delete(window.key)
        }
      }
      await this.#options.shared.add([PROBE])
      return true
    } catch (error) {
      if (error instanceof CounterUnavailableError) return false
      throw error
    }
  }
}

/** Where the shared counts were lost those of this machine are what is known, as they are while it counts alone. */
function withOwn(state: LookupState, own: LookupState | undefined): LookupState {
  if (state.lost !== true || own === undefined) return state
  return {
    ...state,
    lost: false,
    distinct: Math.max(state.distinct, own.distinct),
    exceeded: state.exceeded || own.exceeded,
    crossed: state.crossed || own.crossed,
    active: state.active || own.active,
  }
}
