/**
 * The keys of all issuers, kept while policies come and go: an issuer that is away when a policy is reloaded does not take
 * its good keys along.
 */
import type { Clock } from '../core/clock.ts'
import type { KeyPlace } from '../rules/trust.ts'
import { createKeySource } from './key-source.ts'
import type { KeySource } from './key-source.ts'

/** Whose keys, and where they are. */
export interface KeyOwner {
  readonly issuer: string
  readonly keys: KeyPlace
}

export interface IssuerKeys {
  /** The same source for the same issuer and place. */
  readonly of: (owner: KeyOwner) => KeySource
  /** Forgets the sources of all others. */
  readonly retain: (owners: readonly KeyOwner[]) => void
}

export function createIssuerKeys(clock: Clock): IssuerKeys {
  const sources = new Map<string, KeySource>()
  return {
    of: ({ issuer, keys }) => {
      const name = nameOf({ issuer, keys })
      const source = sources.get(name) ?? createKeySource({ issuer, keys, clock })
      sources.set(name, source)
      return source
    },
    retain: (owners) => {
      const kept = new Set(owners.map(nameOf))
      for (const name of sources.keys()) if (!kept.has(name)) sources.delete(name)
    },
  }
}

function nameOf({ issuer, keys }: KeyOwner): string {
  return JSON.stringify([issuer, keys])
}
