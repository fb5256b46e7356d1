/**
 * An issuer of access tokens for development. It asks nobody for a password and mints whatever it
 * is told, so it listens on loopback addresses only; its key lives as long as the process.
 */
import { randomUUID } from 'node:crypto'
import type { RequestListener } from 'node:http'
import { BlockList, isIP } from 'node:net'
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT, type JWK } from 'jose'
import { type Clock, systemClock } from '../src/core/clock.ts'
import { CelosiaError } from '../src/core/errors.ts'
import { listen } from './listen.ts'

export interface IssuerOptions {
  /** 0 takes a free port. */
  readonly port: number
  /**
   * An IP address of this machine's loopback, such as 127.0.0.1 or ::1. Names are refused: what
   * they point to can change.
   */
  readonly host: string
  /** `aud` of the tokens. */
  readonly audience: string
  readonly clock?: Clock
}

/**
 * What a token says. Members beyond `sub` and `roles` are written as given and replace what would
 * stand there.
 */
export interface TokenClaims {
  readonly sub: string
  /** Written as `realm_access.roles`. */
  readonly roles: readonly string[]
  readonly [claim: string]: unknown
}

export interface Issuer {
  /** `iss` of the tokens: the origin, without a slash at the end. */
  readonly issuer: string
  readonly jwksUrl: string
  /** An access token (RFC 9068) signed with ES256, good for eight hours. */
  readonly mint: (claims: TokenClaims) => Promise<string>
  readonly close: () => Promise<void>
}

/** The development issuer was asked to listen where others could reach it. */
export class IssuerAddressError extends CelosiaError {
  readonly code = 'ERR_LISTEN'
}

const TOKEN_LIFE_SECONDS = 8 * 60 * 60
const ALGORITHM = 'ES256'

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')

/**
 * Makes a key, serves `/.well-known/openid-configuration` and `/jwks`, and mints.
 *
 * @throws {@link IssuerAddressError} where `host` is not a loopback address; nothing was opened by
 * then.
 */
export async function startIssuer(options: IssuerOptions): Promise<Issuer> {
  const { port, host, audience, clock = systemClock } = options
  if (!isLoopback(host)) {
    throw new IssuerAddressError('the development issuer listens on loopback addresses only')
  }
  const { privateKey, publicKey } = await generateKeyPair(ALGORITHM)
  const publicJwk = await exportJWK(publicKey)
  const kid = await calculateJwkThumbprint(publicJwk)
  const jwk = { ...publicJwk, kid, alg: ALGORITHM, use: 'sig' }
  const { origin, close } = await listen({ host, port }, (own) => documents(own, jwk))
  const mint = (claims: TokenClaims): Promise<string> => {
    const nowSeconds = Math.floor(clock.nowMs() / 1000)
    return new SignJWT(payload(claims, { issuer: origin, audience, nowSeconds }))
      .setProtectedHeader({ alg: ALGORITHM, kid, typ: 'at+jwt' })
      .sign(privateKey)
  }
  return { issuer: origin, jwksUrl: `${origin}/jwks`, mint, close }
}

function isLoopback(host: string): boolean {
  const version = isIP(host)
  return version !== 0 && loopback.check(host, version === 6 ? 'ipv6' : 'ipv4')
}

function payload(
  { sub, roles, ...others }: TokenClaims,
  from: { readonly issuer: string; readonly audience: string; readonly nowSeconds: number },
): Record<string, unknown> {
  return {
    iss: from.issuer,
    aud: from.audience,
    iat: from.nowSeconds,
    exp: from.nowSeconds + TOKEN_LIFE_SECONDS,
    jti: randomUUID(),
    sid: randomUUID(),
    acr: '1',
    amr: ['pwd'],
    auth_time: from.nowSeconds,
    privacy_training_at: from.nowSeconds,
    ...others,
    sub,
    realm_access: { roles },
  }
}

function documents(issuer: string, jwk: JWK): RequestListener {
  const bodies: ReadonlyMap<string, string> = new Map([
    [
      '/.well-known/openid-configuration',
      JSON.stringify({
        issuer,
        jwks_uri: `${issuer}/jwks`,
        id_token_signing_alg_values_supported: [ALGORITHM],
        response_types_supported: ['none'],
        subject_types_supported: ['public'],
      }),
    ],
    ['/jwks', JSON.stringify({ keys: [jwk] })],
  ])
  return (request, response) => {
    const body = request.method === 'GET' ? bodies.get(request.url ?? '') : undefined
    if (body === undefined) response.writeHead(404, { connection: 'close' }).end()
    else response.writeHead(200, { 'content-type': 'application/json' }).end(body)
  }
}
