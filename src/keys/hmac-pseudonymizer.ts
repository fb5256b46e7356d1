/** Keyed pseudonyms by HMAC-SHA256 (RFC 2104), with a bounded memory of those made last. */
import type { Buffer } from 'node:buffer'
import type { Pseudonymizer } from '../rules/pseudonymizer.ts'
import { KeyInvalidError } from './errors.ts'
import { createKeyedHash } from './keyed-hash.ts'
import { assertStrongKey } from './parse-key.ts'
import { PseudonymCache } from './pseudonym-cache.ts'

/** 22 characters of six bits each. */
const PSEUDONYM_CHARS = 22

export interface HmacPseudonymizerOptions {
  /** At least 32 random bytes; copied. */
  readonly key: Buffer
  /** Version of the key, 1 or more. */
  readonly version: number
  /** Whose data it is: the same value of another tenant gets another pseudonym, also under the same key. */
  readonly tenant: string
}

/**
 * Makes pseudonyms with one version of one key. Throws {@link KeyInvalidError} where the key is too weak or version or tenant are
 * missing. Each call has its own cache, so no pseudonym outlives its key.
 */
export function createHmacPseudonymizer(options: HmacPseudonymizerOptions): Pseudonymizer {
  const { key, version, tenant } = options
  assertStrongKey(key)
  if (!Number.isSafeInteger(version) || version < 1) {
    throw new KeyInvalidError('the version of a key is a whole number from 1')
  }
  if (tenant === '') throw new KeyInvalidError('the tenant of a key has no name')
  const keyedHash = createKeyedHash(key)
  const cache = new PseudonymCache()
  return {
    version,
    pseudonym: (domain, value) => {
      const known = cache.get(domain, value)
      if (known !== undefined) return known
      const made = keyedHash([tenant, domain, value]).slice(0, PSEUDONYM_CHARS)
      cache.set(domain, value, made)
      return made
    },
  }
}
