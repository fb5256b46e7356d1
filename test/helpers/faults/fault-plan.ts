/**
 * Faults at the places where a request waits for something. A clean run records the places; each later run has one fault at
 * one of them. The list is what was called, never what somebody thought of.
 */
import { setTimeout as sleep } from 'node:timers/promises'

/**
 * `fail`: it is not done, and rejects. `fail after`: it is done, and the answer is lost. `delay`: it takes a while. `hang`: it
 * takes longer than anybody waits. `caller` and `upstream`: their connections are cut at this moment.
 */
export type FaultAction = 'fail' | 'fail after' | 'delay' | 'hang' | 'caller' | 'upstream'

export const FAULT_ACTIONS: readonly FaultAction[] = [
  'fail',
  'fail after',
  'delay',
  'hang',
  'caller',
  'upstream',
]

/** One fault at the n-th call of a name. */
export interface Fault {
  readonly name: string
  readonly occurrence: number
  readonly action: FaultAction
}

const DELAY_MS = 250
const HANG_MS = 2_600

export class FaultPlan {
  /** Cuts the connection of the caller, or of the upstream. */
  readonly cut: { caller: () => void; upstream: () => void } = {
    caller: () => undefined,
    upstream: () => undefined,
  }
  #places: string[] | undefined
  #fault: Fault | undefined
  #calls = new Map<string, number>()
  /** Names of what gave a promise while it was recorded. */
  readonly #waits = new Set<string>()
  #struck = false

  /** Records the places of a run. */
  record(): void {
    this.#begin()
    this.#places = []
  }

  /** Has this fault strike in the run. */
  inject(fault: Fault): void {
    this.#begin()
    this.#fault = fault
  }

  /** Ends the run: what is called later has no fault. Gives the places that were recorded, or whether the fault struck. */
  end(): { readonly places: readonly string[]; readonly struck: boolean } {
    const places = this.#places ?? []
    const struck = this.#struck
    this.#begin()
    return { places, struck }
  }

  /** Goes through a place. */
  async at<T>(name: string, act: () => Promise<T>): Promise<T> {
    const occurrence = (this.#calls.get(name) ?? 0) + 1
    this.#calls.set(name, occurrence)
    this.#places?.push(name)
    const fault = this.#fault
    if (fault?.name !== name || fault.occurrence !== occurrence) return act()
    this.#struck = true
    return this.#strike(fault.action, act)
  }

  /** Goes through what is a place only where it gives a promise. Calling it to find out would do it twice: recorded runs tell. */
  maybeAt(name: string, act: () => unknown): unknown {
    if (this.#waits.has(name)) return this.at(name, async () => act())
    const result = act()
    if (this.#places !== undefined && result instanceof Promise) {
      this.#waits.add(name)
      this.#calls.set(name, (this.#calls.get(name) ?? 0) + 1)
      this.#places.push(name)
    }
    return result
  }

  async #strike<T>(action: FaultAction, act: () => Promise<T>): Promise<T> {
    if (action === 'fail') throw injected()
    if (action === 'delay') await sleep(DELAY_MS)
    if (action === 'hang') await sleep(HANG_MS)
    if (action === 'caller' || action === 'upstream') this.cut[action]()
    const result = await act()
    if (action === 'fail after') throw injected()
    return result
  }

  #begin(): void {
    this.#places = undefined
    this.#fault = undefined
    this.#calls = new Map()
    this.#struck = false
  }
}

function injected(): Error {
  return Object.assign(new Error('injected'), { code: 'EINJECTED' })
}

/** Names of places with how often each was passed, as faults to try. */
export function faultsOf(places: readonly string[]): readonly Fault[] {
  const counts = new Map<string, number>()
  return places.flatMap((name) => {
    const occurrence = (counts.get(name) ?? 0) + 1
    counts.set(name, occurrence)
    return FAULT_ACTIONS.map((action) => ({ name, occurrence, action }))
  })
}
