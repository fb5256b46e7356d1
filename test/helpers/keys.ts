/** Signing keys and tokens for tests: good ones, and ones that no honest library would make. */
import { createHash } from 'node:crypto'
import { CompactSign, exportJWK, generateKeyPair, type CryptoKey, type JWK } from 'jose'
import { systemClock } from '../../src/core/clock.ts'

/** A key pair, or a secret, with its id. */
export interface TestKey {
  readonly alg: string
  readonly kid: string
  readonly signingKey: CryptoKey | Uint8Array
  /** What an issuer publishes; of a secret key, the key itself. */
  readonly publicJwk: JWK
  /** What an issuer signs with. */
  readonly privateJwk: JWK
}

/** Which key signs, and what else stands in the header. A member set to undefined is left out. */
export interface SigningOptions {
  readonly key: TestKey
  /** Undefined: the key's own. */
  readonly alg?: string
  readonly header?: Readonly<Record<string, unknown>>
}

const LIFE_SECONDS = 300
const RSA_BITS = 2_048

/** A new key for a JWS algorithm: `ES256`, `RS256`, `PS256`, `EdDSA`, `HS256`... */
export async function makeKey(alg: string): Promise<TestKey> {
  if (alg.startsWith('HS')) return makeSecret(alg)
  const { publicKey, privateKey } = await generateKeyPair(alg, {
    extractable: true,
    modulusLength: RSA_BITS,
  })
  const publicPart = await exportJWK(publicKey)
  const kid = createHash('sha256').update(JSON.stringify(publicPart)).digest('base64url')
  const named = { kid, alg, use: 'sig' }
  return {
    alg,
    kid,
    signingKey: privateKey,
    publicJwk: { ...publicPart, ...named },
    privateJwk: { ...(await exportJWK(privateKey)), ...named },
  }
}

/** Claims of an access token that a gateway with the audience `celosia` takes; `overrides` set to undefined are left out. */
export function accessClaims(
  issuer: string,
  overrides: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  const now = Math.floor(systemClock.nowMs() / 1_000)
  return {
    iss: issuer,
    aud: 'celosia',
    sub: 'agent-1',
    iat: now,
    exp: now + LIFE_SECONDS,
    jti: crypto.randomUUID(),
    realm_access: { roles: ['agent'] },
    amr: ['pwd', 'otp'],
    auth_time: now,
    privacy_training_at: now,
    ...overrides,
  }
}

/** A signed token (RFC 7515 compact form, `at+jwt`). The claims are not looked at. */
export function signToken(
  claims: Readonly<Record<string, unknown>>,
  options: SigningOptions,
): Promise<string> {
  const { key } = options
  const header = { alg: options.alg ?? key.alg, kid: key.kid, typ: 'at+jwt', ...options.header }
  const crit = Object.fromEntries(
    ((header as { crit?: string[] }).crit ?? []).map((n) => [n, true]),
  )
  return new CompactSign(new TextEncoder().encode(JSON.stringify(claims)))
    .setProtectedHeader(JSON.parse(JSON.stringify(header)) as { alg: string })
    .sign(key.signingKey, { crit })
}

/** Three parts in base64url and nothing checked: for duplicate members, `alg: none`, bytes of any kind as signature. */
export function forgeToken(
  headerJson: string,
  payloadJson: string,
  signature: Uint8Array = new Uint8Array(),
): string {
  return [headerJson, payloadJson, signature]
    .map((part) => Buffer.from(part as string).toString('base64url'))
    .join('.')
}

/** The three parts of a token as they were signed: header and payload as text, the signature as bytes. */
export function tokenParts(
  token: string,
): readonly [header: string, payload: string, signature: Buffer] {
  const [header = '', payload = '', signature = ''] = token.split('.')
  return [decode(header).toString(), decode(payload).toString(), decode(signature)]
}

function decode(part: string): Buffer {
  return Buffer.from(part, 'base64url')
}

async function makeSecret(alg: string): Promise<TestKey> {
  const secret = crypto.getRandomValues(new Uint8Array(64))
  const jwk = { kty: 'oct', k: Buffer.from(secret).toString('base64url'), alg, use: 'sig' }
  const kid = createHash('sha256').update(jwk.k).digest('base64url')
  return { alg, kid, signingKey: secret, publicJwk: { ...jwk, kid }, privateJwk: { ...jwk, kid } }
}
