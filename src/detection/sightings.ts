/** One window of the look-up counters in memory: when each member was last seen, and whether the threshold was passed. */
import type { HeldMember, LookupState, LookupWindow } from './lookup-counter.ts'
import { CHAIN_MEMBERS_MAX } from './lookup-limits.ts'

const NOTHING: ReadonlySet<string> = new Set()

/** Lives as long as something in it counts. */
export class Sightings {
  // A Map keeps the order of insertion, which is kept that of the last sightings: oldest first.
  readonly #seenMs = new Map<string, number>()
  /** Members that were added for the time being, and when. Few windows have any, and there are many windows. */
  #held: Map<string, number> | undefined
  /** Of a window of chains: the length of the chain that each member ends. */
  #runs: Map<string, number> | undefined
  #sinceMs: number | undefined
  /** True from the passing of the threshold until the count has been back. */
  #passed = false
  #calmUntilMs = Number.NEGATIVE_INFINITY
  #activeUntilMs = Number.NEGATIVE_INFINITY
  #expiresMs = Number.NEGATIVE_INFINITY

  get size(): number {
    return this.#seenMs.size
  }

  /** When nothing in it counts any more. */
  get expiresMs(): number {
    return this.#expiresMs
  }

  /** Those within the window. */
  *present(now: number, withinMs: number): Generator<string> {
    for (const [member, time] of this.#seenMs) if (now - time < withinMs) yield member
  }

  add(window: LookupWindow, now: number): LookupState {
    const {
      members,
      withinMs,
      over,
      rearm = over,
      cooldownMs = 0,
      lastsMs = 0,
      near,
      drop = [],
    } = window
    this.#prune(now - withinMs)
    // What is added for good in the same step was never gone.
    const stays = drop.length > 0 ? new Set(members) : NOTHING
    for (const { member, at } of drop)
      if (this.#held?.get(member) === at && !stays.has(member)) this.#forget(member)
    if (this.#seenMs.size === 0) this.#sinceMs = undefined
    if (this.#count(near) <= rearm) this.#passed = false
    const held = this.#addMembers(window, now)
    if (members.length > 0) {
      this.#sinceMs ??= now
      this.#expiresMs = Math.max(this.#expiresMs, now + withinMs)
    }
    const distinct = this.#count(near)
    const exceeded = distinct > over
    const crossed = exceeded && window.quiet !== true && !this.#passed && now >= this.#calmUntilMs
    if (crossed) {
      this.#passed = true
      this.#calmUntilMs = now + cooldownMs
      this.#activeUntilMs = now + lastsMs
      this.#expiresMs = Math.max(this.#expiresMs, this.#calmUntilMs, this.#activeUntilMs)
    }
    // Beside those that may be taken back, since what they push out would not come back with it.
    this.#trim(near === undefined ? over + 1 + (this.#held?.size ?? 0) : CHAIN_MEMBERS_MAX)
    const active = exceeded || now < this.#activeUntilMs
    const ageMs = Math.floor(now - (this.#sinceMs ?? now))
    return { distinct, exceeded, crossed, active, ageMs, held }
  }

  #addMembers({ members, hold, near, over }: LookupWindow, now: number): HeldMember[] {
    const held: HeldMember[] = []
    if (hold === true && this.#seenMs.size > over) return held
    for (const [index, member] of members.entries()) {
      if (hold === true) {
        if (this.#seenMs.has(member)) continue
        this.#held ??= new Map()
        this.#held.set(member, now)
        held.push({ member, at: now })
      } else this.#held?.delete(member)
      if (near !== undefined) this.#link(member, near[index] ?? [])
      this.#seenMs.delete(member)
      this.#seenMs.set(member, now)
    }
    return held
  }

  #link(member: string, near: readonly string[]): void {
    this.#runs ??= new Map()
    if (this.#runs.has(member)) return
    const before = near.map((neighbour) => this.#runs?.get(neighbour) ?? 0)
    this.#runs.set(member, 1 + Math.max(0, ...before))
  }

  #count(near: LookupWindow['near']): number {
    return near === undefined ? this.#seenMs.size : Math.max(0, ...(this.#runs?.values() ?? []))
  }

  #prune(untilMs: number): void {
    for (const [member, time] of this.#seenMs) {
      if (time > untilMs) break
      this.#forget(member)
    }
  }

  #trim(kept: number): void {
    for (const member of this.#seenMs.keys()) {
      if (this.#seenMs.size <= kept) break
      this.#forget(member)
    }
  }

  #forget(member: string): void {
    this.#seenMs.delete(member)
    this.#held?.delete(member)
    this.#runs?.delete(member)
  }
}
