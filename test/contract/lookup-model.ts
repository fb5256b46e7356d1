/** One look-up window as its interface words it, slow and plain: every sighting is kept, and counted anew each time. */
import type { HeldMember, LookupState, LookupWindow } from '../../src/detection/lookup-counter.ts'

/** The counter's clock is known only to lie between two readings of ours, of whole milliseconds each. */
const CLOCKS_MS = 2

interface Sighting {
  readonly member: string
  readonly fromMs: number
  readonly toMs: number
  /** Of a member that was added for the time being, until it is for good. */
  held: number | undefined
}

/** What a call must answer, and the names that the counter gave to what it held. */
export interface Expected extends Pick<LookupState, 'distinct' | 'exceeded' | 'crossed'> {
  readonly held: readonly string[]
}

export class LookupModel {
  readonly #rule: Pick<LookupWindow, 'over' | 'withinMs' | 'rearm' | 'cooldownMs'>
  #sightings: Sighting[] = []
  #armed = true
  #calm: { readonly fromMs: number; readonly toMs: number } | undefined

  constructor(rule: Pick<LookupWindow, 'over' | 'withinMs' | 'rearm' | 'cooldownMs'>) {
    this.#rule = rule
  }

  /** What a call between two readings of the clock must answer, or undefined where that depends on the very moment. */
  add(
    { members, hold = false, quiet = false, drop = [] }: Partial<LookupWindow>,
    fromMs: number,
    toMs: number,
  ): Expected | undefined {
    const { over, rearm = over } = this.#rule
    if (this.#present(fromMs, toMs) === undefined) return undefined
    this.#drop(drop.filter(({ member }) => members?.includes(member) !== true))
    const before = this.#present(fromMs, toMs)
    if (before === undefined) return undefined
    if (before.size <= rearm) this.#armed = true
    const held: string[] = []
    for (const member of members ?? []) {
      if (hold && (before.size > over || before.has(member) || held.includes(member))) continue
      if (hold) held.push(member)
      else for (const known of this.#sightings) if (known.member === member) known.held = undefined
      this.#sightings.push({ member, fromMs, toMs, held: hold ? 0 : undefined })
    }
    const distinct = this.#present(fromMs, toMs)?.size ?? before.size
    const exceeded = distinct > over
    const calm = this.#isCalm(fromMs, toMs)
    if (calm === undefined) return undefined
    const crossed = exceeded && this.#armed && !quiet && !calm
    if (crossed) {
      this.#armed = false
      this.#calm = { fromMs, toMs }
    }
    return { distinct, exceeded, crossed, held }
  }

  /** Tells it when the counter says that it held something. */
  held(members: readonly HeldMember[]): void {
    for (const { member, at } of members) {
      const sighting = this.#sightings.findLast((one) => one.member === member)
      if (sighting?.held !== undefined) sighting.held = at
    }
  }

  #drop(drop: readonly HeldMember[]): void {
    this.#sightings = this.#sightings.filter(
      (one) => !drop.some(({ member, at }) => one.member === member && one.held === at),
    )
  }

  #isCalm(fromMs: number, toMs: number): boolean | undefined {
    const { cooldownMs = 0 } = this.#rule
    if (this.#calm === undefined) return false
    const certain = toMs - this.#calm.fromMs + CLOCKS_MS < cooldownMs
    const possible = fromMs - this.#calm.toMs - CLOCKS_MS < cooldownMs
    return cooldownMs > 0 && certain !== possible ? undefined : certain
  }

  #present(fromMs: number, toMs: number): ReadonlySet<string> | undefined {
    const { withinMs } = this.#rule
    const certain = new Set<string>()
    const possible = new Set<string>()
    for (const sighting of this.#sightings) {
      if (toMs - sighting.fromMs + CLOCKS_MS < withinMs) certain.add(sighting.member)
      if (fromMs - sighting.toMs - CLOCKS_MS < withinMs) possible.add(sighting.member)
    }
    return certain.size === possible.size ? certain : undefined
  }
}
