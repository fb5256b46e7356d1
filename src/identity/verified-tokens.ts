/**
 * Tokens whose signature was verified a moment ago. An agent sends the same one with each request, and its signature costs more than
 * all that is asked of its claims. Only the signature is remembered: claims and times are looked at each time, and so is, elsewhere,
 * whether the token was revoked.
 */
import { hash } from 'node:crypto'
import type { Clock } from '../core/clock.ts'
import type { CompactToken } from './compact-token.ts'
import type { KeySet } from './key-set.ts'

/** Tokens that are remembered; beyond it the one that was verified first is forgotten. */
export const VERIFIED_MAX = 1_000
/** How long, from the verification on. */
export const VERIFIED_MS = 30_000

/** A token with a good signature, and whose. */
export interface Verified<Owner> {
  readonly parsed: CompactToken
  readonly owner: Owner
  /** The keys that its key was found in: with any others it must be verified anew. */
  readonly keySet: KeySet
}

export interface VerifiedTokens<Owner> {
  /** What is remembered of exactly this text. */
  readonly find: (token: string) => Verified<Owner> | undefined
  readonly remember: (verified: Verified<Owner>) => void
}

export function createVerifiedTokens<Owner>(clock: Clock): VerifiedTokens<Owner> {
  const known = new Map<string, { readonly verified: Verified<Owner>; readonly untilMs: number }>()
  return {
    find: (token) => {
      const digest = digestOf(token)
      const entry = known.get(digest)
      if (entry === undefined || entry.untilMs > clock.monotonicMs()) return entry?.verified
      known.delete(digest)
      return undefined
    },
    remember: (verified) => {
      const digest = digestOf(verified.parsed.token)
      known.delete(digest)
      known.set(digest, { verified, untilMs: clock.monotonicMs() + VERIFIED_MS })
      const oldest = known.keys().next().value
      if (known.size > VERIFIED_MAX && oldest !== undefined) known.delete(oldest)
    },
  }
}

// By the whole text, never by an id in it: any other text must prove itself. A digest opens nothing, where memory is read.
function digestOf(token: string): string {
  return hash('sha256', token, 'base64')
}
