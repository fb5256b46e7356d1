/** Where the public keys of one issuer come from: a JWKS (RFC 7517) by URL, by discovery, or in a file. */
import { readFile, stat } from 'node:fs/promises'
import type { CompactJWSHeaderParameters, CryptoKey, FlattenedJWSInput } from 'jose'
import type { Clock } from '../core/clock.ts'
import type { KeyPlace } from '../rules/trust.ts'
import { DOCUMENT_BYTES_MAX, documentOf, fetchDocument } from './bounded-fetch.ts'
import { discover } from './discovery.ts'
import { IssuerUnavailableError } from './errors.ts'
import { KeyCache } from './key-cache.ts'
import type { KeyTimes } from './key-cache.ts'
import { keySetOf } from './key-set.ts'
import type { KeySet } from './key-set.ts'

/** Of keys that are fetched. */
export const REMOTE_KEY_TIMES: KeyTimes = {
  refreshMs: 300_000,
  freshMs: 600_000,
  keptMs: 3_600_000,
  cooldownMs: 1_000,
}
/** Of keys in a file: it is looked at once a second at most. */
export const FILE_KEY_TIMES: KeyTimes = {
  refreshMs: 1_000,
  freshMs: 1_000,
  keptMs: 3_600_000,
  cooldownMs: 1_000,
}

export interface KeySource {
  /** See {@link KeyCache.keyFor}. */
  readonly keyFor: (
    header: CompactJWSHeaderParameters,
    token: FlattenedJWSInput,
  ) => Promise<CryptoKey>
  /** See {@link KeyCache.current}. The same object for as long as the issuer publishes the same keys. */
  readonly current: () => Promise<KeySet>
  /** Fetches where needed, so that the first token does not wait. Throws IssuerUnavailableError where there are no keys. */
  readonly prepare: () => Promise<void>
}

export interface KeySourceOptions {
  /** As the tokens name it; discovery begins there. */
  readonly issuer: string
  readonly keys: KeyPlace
  readonly clock: Clock
  /** For tests. */
  readonly times?: KeyTimes
}

/** The keys of an issuer. Nothing is fetched or read before the first use. */
export function createKeySource({ issuer, keys, clock, times }: KeySourceOptions): KeySource {
  const defaults = keys.kind === 'file' ? FILE_KEY_TIMES : REMOTE_KEY_TIMES
  const cache = new KeyCache(fetcher(issuer, keys), clock, times ?? defaults)
  return {
    keyFor: (header, token) => cache.keyFor(header, token),
    current: () => cache.current(),
    prepare: async () => void (await cache.current()),
  }
}

function fetcher(issuer: string, keys: KeyPlace): () => Promise<KeySet> {
  if (keys.kind === 'file') return unchanged(() => readJwksFile(keys.file))
  if (keys.kind === 'url') return unchanged(() => fetchDocument({ url: keys.url }))
  return unchanged(async () => {
    const { jwksUrl } = await discover(issuer, keys.metadata)
    return fetchDocument({ url: jwksUrl })
  })
}

// The same document gives the same set, whose keys are imported already.
function unchanged(load: () => Promise<Readonly<Record<string, unknown>>>): () => Promise<KeySet> {
  let last: { readonly text: string; readonly set: KeySet } | undefined
  return async () => {
    const document = await load()
    const text = JSON.stringify(document)
    if (last?.text !== text) last = { text, set: keySetOf(document) }
    return last.set
  }
}

async function readJwksFile(file: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    const { size } = await stat(file)
    if (size > DOCUMENT_BYTES_MAX)
      throw new IssuerUnavailableError('the JWKS file of an issuer is too large')
    return documentOf(await readFile(file))
  } catch (cause) {
    if (cause instanceof IssuerUnavailableError) throw cause
    throw new IssuerUnavailableError('the JWKS file of an issuer cannot be read', { cause })
  }
}
