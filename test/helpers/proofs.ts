/** Proofs of possession for tests (RFC 9449), good ones and others. */
import { createHash } from 'node:crypto'
import { calculateJwkThumbprint, type JWK } from 'jose'
import { systemClock } from '../../src/core/clock.ts'
import { signToken, type TestKey } from './keys.ts'

/** What a proof is for. Members set to undefined in `claims` and `header` are left out. */
export interface ProofOptions {
  readonly key: TestKey
  readonly token: string
  readonly url: string
  readonly method?: string
  readonly alg?: string
  readonly claims?: Readonly<Record<string, unknown>>
  readonly header?: Readonly<Record<string, unknown>>
}

/** The public key as a proof carries it. */
export function bareKey({ publicJwk }: TestKey): JWK {
  const { kid: _kid, alg: _alg, use: _use, ...bare } = publicJwk
  return bare
}

/** The claim that binds a token to the key. */
export async function boundTo(key: TestKey): Promise<{ readonly cnf: { readonly jkt: string } }> {
  return { cnf: { jkt: await calculateJwkThumbprint(bareKey(key)) } }
}

/** A proof. */
export function makeProof(options: ProofOptions): Promise<string> {
  const { key, token, url, method = 'GET', alg, claims, header } = options
  const all = {
    jti: crypto.randomUUID(),
    iat: Math.floor(systemClock.nowMs() / 1_000),
    htm: method,
    htu: url,
    ath: tokenHash(token),
    ...claims,
  }
  const headers = { typ: 'dpop+jwt', kid: undefined, jwk: bareKey(key), ...header }
  return signToken(all, { key, header: headers, ...(alg !== undefined && { alg }) })
}

/** What a proof says of its token. */
export function tokenHash(token: string): string {
  return createHash('sha256').update(token).digest('base64url')
}
