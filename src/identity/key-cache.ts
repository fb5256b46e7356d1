/**
 * Keeps the keys of one issuer and fetches them anew: in the background while they are fresh, at once where a token names
 * a key that is not known, one fetch at a time. While the issuer is away the last good keys hold for a stated time.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { CompactJWSHeaderParameters, CryptoKey, FlattenedJWSInput } from 'jose'
import type { Clock } from '../core/clock.ts'
import { IssuerUnavailableError, TokenError } from './errors.ts'
import type { KeySet } from './key-set.ts'

export interface KeyTimes {
  /** From this age on a use starts a fetch, and does not wait for it. */
  readonly refreshMs: number
  /** From this age on a use waits for that fetch. */
  readonly freshMs: number
  /** How old keys may be while the issuer cannot be reached. */
  readonly keptMs: number
  /** Between the starts of two fetches. A token with an unknown key waits for it to pass. */
  readonly cooldownMs: number
}

/** Tokens with unknown keys that wait for a fetch at one time. */
export const WAITING_MAX = 1_000

const NEVER = Number.NEGATIVE_INFINITY

export class KeyCache {
  readonly #fetchKeys: () => Promise<KeySet>
  readonly #clock: Clock
  readonly #times: KeyTimes
  #set: KeySet | undefined
  /** When the fetch began that brought the set. */
  #setMs = NEVER
  /** When the last fetch began, good or not. */
  #begunMs = NEVER
  #underWay: Promise<void> | undefined
  /** Why the last fetch failed. */
  #failure: unknown
  #waiting = 0

  constructor(fetchKeys: () => Promise<KeySet>, clock: Clock, times: KeyTimes) {
    this.#fetchKeys = fetchKeys
    this.#clock = clock
    this.#times = times
  }

  /** True where there are keys to verify with. */
  get known(): boolean {
    return this.#set !== undefined && this.#age() < this.#times.keptMs
  }

  /** The keys in force, fetched anew where they are too old. Throws {@link IssuerUnavailableError} where there are none. */
  current(): Promise<KeySet> {
    return this.#current()
  }

  /**
   * The key that the header names. Throws TokenError where the issuer does not publish it, as a fetch has shown that began
   * after the token came, and {@link IssuerUnavailableError} where that cannot be known.
   */
  async keyFor(header: CompactJWSHeaderParameters, token: FlattenedJWSInput): Promise<CryptoKey> {
    const cameMs = this.#clock.monotonicMs()
    const found = await (await this.#current()).find(header, token)
    if (found !== undefined) return found
    // Without a name there is nothing that a newer set could be asked for.
    if (header.kid === undefined) throw unknownKey()
    if (this.#waiting >= WAITING_MAX)
      throw new IssuerUnavailableError('too many tokens wait for keys of an issuer')
    this.#waiting += 1
    try {
      return await this.#waitFor(header, token, cameMs)
    } finally {
      this.#waiting -= 1
    }
  }

  // A fetch that was under way when the token came may bring its key, but cannot show that there is none.
  async #waitFor(
    header: CompactJWSHeaderParameters,
    token: FlattenedJWSInput,
    cameMs: number,
  ): Promise<CryptoKey> {
    for (;;) {
      const setMs = this.#setMs
      const found = await this.#set?.find(header, token)
      if (found !== undefined) return found
      if (setMs >= cameMs) throw unknownKey()
      if (this.#setMs > setMs) continue
      if (this.#underWay === undefined && this.#begunMs >= cameMs) throw this.#unavailable()
      if (this.#underWay === undefined && !this.#coolingDown()) this.#fetch()
      await (this.#underWay ?? sleep(Math.ceil(this.#cooldownLeftMs())))
    }
  }

  async #current(): Promise<KeySet> {
    const { refreshMs, freshMs } = this.#times
    if (this.#age() >= refreshMs && !this.#coolingDown()) this.#fetch()
    if (this.#age() >= freshMs) await this.#underWay
    if (this.#set === undefined || !this.known) throw this.#unavailable()
    return this.#set
  }

  #fetch(): void {
    this.#underWay ??= this.#fetchOnce().finally(() => (this.#underWay = undefined))
  }

  async #fetchOnce(): Promise<void> {
    const begunMs = this.#clock.monotonicMs()
    this.#begunMs = begunMs
    try {
      this.#set = await this.#fetchKeys()
      this.#setMs = begunMs
    } catch (error) {
      this.#failure = error
    }
  }

  #unavailable(): IssuerUnavailableError {
    const cause = this.#failure
    return new IssuerUnavailableError('the keys of an issuer cannot be fetched', { cause })
  }

  #age(): number {
    return this.#clock.monotonicMs() - this.#setMs
  }

  #cooldownLeftMs(): number {
    return this.#begunMs + this.#times.cooldownMs - this.#clock.monotonicMs()
  }

  #coolingDown(): boolean {
    return this.#cooldownLeftMs() > 0
  }
}

function unknownKey(): TokenError {
  return new TokenError('token-invalid', 'no key of the issuer fits the token')
}
