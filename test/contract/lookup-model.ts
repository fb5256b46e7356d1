/** One look-up window as its interface words it, slow and plain: every sighting is kept, and counted anew each time. */
import type { LookupState } from '../../src/detection/lookup-counter.ts'

/** The counter's clock is known only to lie between two readings of ours, of whole milliseconds each. */
const CLOCKS_MS = 2

interface Sighting {
  readonly member: string
  readonly fromMs: number
  readonly toMs: number
}

export class LookupModel {
  readonly #over: number
  readonly #withinMs: number
  readonly #sightings: Sighting[] = []
  #armed = true

  constructor(over: number, withinMs: number) {
    this.#over = over
    this.#withinMs = withinMs
  }

  /** What a call between two readings of the clock must answer, or undefined where that depends on the very moment. */
  add(members: readonly string[], fromMs: number, toMs: number): LookupState | undefined {
    const before = this.#distinct(fromMs, toMs)
    if (before === undefined) return undefined
    if (before <= this.#over) this.#armed = true
    for (const member of members) this.#sightings.push({ member, fromMs, toMs })
    const distinct = this.#distinct(fromMs, toMs) ?? before
    const exceeded = distinct > this.#over
    const crossed = exceeded && this.#armed
    if (crossed) this.#armed = false
    return { distinct, exceeded, crossed }
  }

  #distinct(fromMs: number, toMs: number): number | undefined {
    const certain = new Set<string>()
    const possible = new Set<string>()
    for (const sighting of this.#sightings) {
      if (toMs - sighting.fromMs + CLOCKS_MS < this.#withinMs) certain.add(sighting.member)
      if (fromMs - sighting.toMs - CLOCKS_MS < this.#withinMs) possible.add(sighting.member)
    }
    return certain.size === possible.size ? certain.size : undefined
  }
}
