/** Where the public keys of one issuer come from: a JWKS (RFC 7517) by URL, by OpenID discovery, or in a file. */
import { readFile } from 'node:fs/promises'
import { createLocalJWKSet, createRemoteJWKSet, customFetch, errors } from 'jose'
import type { CompactJWSHeaderParameters, CryptoKey, FlattenedJWSInput, JSONWebKeySet } from 'jose'
import type { Issuer } from '../rules/compiled-policy.ts'
import { IssuerUnavailableError, TokenError } from './errors.ts'
import { boundedFetch, fetchJson } from './bounded-fetch.ts'

/** Wait for an issuer's answer. */
const FETCH_TIMEOUT_MS = 2_000
/** No second fetch for an unknown key id within this time. */
const COOLDOWN_MS = 30_000
const CACHE_MAX_AGE_MS = 600_000

export interface KeySource {
  /** The key that the header names. Throws TokenError where there is none, IssuerUnavailableError where it cannot be known. */
  readonly keyFor: (
    header: CompactJWSHeaderParameters,
    token: FlattenedJWSInput,
  ) => Promise<CryptoKey>
  /** Fetches once, so that the first token does not wait. Throws IssuerUnavailableError. */
  readonly prepare: () => Promise<void>
}

/** The keys of `issuer`. Nothing is fetched or read before the first use. */
export function createKeySource(issuer: Issuer): KeySource {
  const { keys } = issuer
  if (keys.kind === 'file') return fileKeySource(keys.file)
  if (keys.kind === 'url') return remoteKeySource(async () => keys.url)
  return remoteKeySource(() => discoverJwksUrl(issuer.issuer))
}

function fileKeySource(file: string): KeySource {
  let set: Promise<ReturnType<typeof createLocalJWKSet>> | undefined
  const load = () => {
    set ??= readFile(file, 'utf8').then((text) =>
      createLocalJWKSet(JSON.parse(text) as JSONWebKeySet),
    )
    return set.catch((cause: unknown) => {
      set = undefined
      throw new IssuerUnavailableError('the JWKS file of an issuer cannot be read', { cause })
    })
  }
  return {
    prepare: async () => void (await load()),
    keyFor: async (header, token) => {
      const resolve = await load()
      try {
        return await resolve(header, token)
      } catch (cause) {
        throw new TokenError('token-invalid', 'no key of the issuer fits the token', { cause })
      }
    },
  }
}

function remoteKeySource(findUrl: () => Promise<string>): KeySource {
  let found: Promise<ReturnType<typeof createRemoteJWKSet>> | undefined
  const load = () => {
    found ??= findUrl().then((url) =>
      createRemoteJWKSet(new URL(url), {
        timeoutDuration: FETCH_TIMEOUT_MS,
        cooldownDuration: COOLDOWN_MS,
        cacheMaxAge: CACHE_MAX_AGE_MS,
        [customFetch]: boundedFetch,
      }),
    )
    return found.catch((cause: unknown) => {
      found = undefined
      throw new IssuerUnavailableError('the issuer cannot be discovered', { cause })
    })
  }
  return {
    prepare: async () => reload(await load()),
    keyFor: async (header, token) => {
      const set = await load()
      const couldRefetch = !set.coolingDown
      try {
        return await set(header, token)
      } catch (cause) {
        throw keyError(cause, couldRefetch || publishes(set, header.kid))
      }
    },
  }
}

async function reload(set: ReturnType<typeof createRemoteJWKSet>): Promise<void> {
  try {
    await set.reload()
  } catch (cause) {
    throw new IssuerUnavailableError('the keys of the issuer cannot be fetched', { cause })
  }
}

// The key is there, and is for another algorithm or use than the token's header says.
function publishes(set: ReturnType<typeof createRemoteJWKSet>, keyId: string | undefined): boolean {
  return keyId !== undefined && (set.jwks()?.keys ?? []).some(({ kid }) => kid === keyId)
}

// A key id that is not known while no refetch is allowed may be a key just rotated in: that is 503, never 401.
function keyError(cause: unknown, isFinal: boolean): Error {
  if (cause instanceof errors.JWKSNoMatchingKey) {
    return isFinal
      ? new TokenError('token-invalid', 'no key of the issuer fits the token', { cause })
      : new IssuerUnavailableError('the key of the token is not known yet', { cause })
  }
  if (
    cause instanceof errors.JWKSMultipleMatchingKeys ||
    cause instanceof errors.JOSENotSupported
  ) {
    return new TokenError('token-invalid', 'the key of the token is ambiguous or not supported', {
      cause,
    })
  }
  return new IssuerUnavailableError('the keys of the issuer cannot be fetched', { cause })
}

/** OpenID Connect Discovery 1.0 section 4: the document must name the very issuer that was asked for. */
async function discoverJwksUrl(issuer: string): Promise<string> {
  const document = await fetchJson(
    `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`,
    FETCH_TIMEOUT_MS,
  )
  const { issuer: named, jwks_uri: url } = document as { issuer?: unknown; jwks_uri?: unknown }
  if (named !== issuer || typeof url !== 'string') {
    throw new IssuerUnavailableError('the discovery document is of another issuer')
  }
  const scheme = URL.parse(url)?.protocol
  if (scheme !== 'https:' && scheme !== URL.parse(issuer)?.protocol) {
    throw new IssuerUnavailableError('the discovery document names keys over a weaker connection')
  }
  return url
}
