/** The revocations in force, in memory: asked on the way of every request, so without waiting. */
import type { Revocation } from './revocation.ts'

/** What of a token is compared. */
export interface RevocableToken {
  readonly issuer: string
  /** JWT `sub`. */
  readonly id: string
  readonly jti: string | undefined
  readonly sid: string | undefined
  /** JWT `iat`, seconds since 1970. */
  readonly issuedS: number
}

/** Revocations in force at one time. */
export const REVOCATIONS_MAX = 100_000
/** Tokens live a day at most; what is older than that, and the difference of clocks, concerns no token any more. */
export const REVOCATION_KEPT_MS = 25 * 3_600_000

interface Entry {
  untilS: number
  expiresMs: number
}

export class RevocationIndex {
  // In the order of their last addition, which is about that of their end.
  readonly #entries = new Map<string, Entry>()

  get size(): number {
    return this.#entries.size
  }

  /** `known`: it changes nothing. `full`: there are too many, and what is revoked is not known from then on. */
  add({ issuer, kind, value, untilS, atMs }: Revocation, nowMs: number): 'new' | 'known' | 'full' {
    this.#forgetOver(nowMs)
    const expiresMs = atMs + REVOCATION_KEPT_MS
    const key = keyOf(kind, issuer, value)
    const found = this.#entries.get(key) ?? { untilS: -1, expiresMs: nowMs }
    if (expiresMs <= found.expiresMs && untilS <= found.untilS) return 'known'
    if (expiresMs <= nowMs) return 'known'
    this.#entries.delete(key)
    if (this.#entries.size >= REVOCATIONS_MAX) return 'full'
    this.#entries.set(key, {
      untilS: Math.max(untilS, found.untilS),
      expiresMs: Math.max(expiresMs, found.expiresMs),
    })
    return 'new'
  }

  isRevoked({ issuer, id, jti, sid, issuedS }: RevocableToken): boolean {
    if (this.#entries.size === 0) return false
    if (jti !== undefined && this.#entries.has(keyOf('token', issuer, jti))) return true
    if (sid !== undefined && this.#entries.has(keyOf('session', issuer, sid))) return true
    const subject = this.#entries.get(keyOf('subject', issuer, id))
    return subject !== undefined && issuedS <= subject.untilS
  }

  #forgetOver(nowMs: number): void {
    for (const [key, { expiresMs }] of this.#entries) {
      if (expiresMs > nowMs) return
      this.#entries.delete(key)
    }
  }
}

function keyOf(kind: Revocation['kind'], issuer: string, value: string): string {
  return JSON.stringify([kind, issuer, value])
}
