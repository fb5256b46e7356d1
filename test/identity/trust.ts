/** An issuer with one key, a verifier that trusts it, and what either says of a token. */
import { CompactSign } from 'jose'
import type { Test } from 'tap'
import { systemClock } from '../../src/core/clock.ts'
import type { Clock } from '../../src/core/clock.ts'
import { parseAuthorization } from '../../src/identity/credential.ts'
import { IssuerUnavailableError, TokenError } from '../../src/identity/errors.ts'
import type { Subject } from '../../src/identity/subject.ts'
import { createIssuerKeys } from '../../src/identity/issuer-keys.ts'
import { createTokenVerifier } from '../../src/identity/token-verifier.ts'
import type { TokenVerifier } from '../../src/identity/token-verifier.ts'
import { parseQuery } from '../../src/json/query/parse.ts'
import type { Issuer, RoleClaim } from '../../src/rules/trust.ts'
import { startJwksServer } from '../helpers/jwks-server.ts'
import type { JwksServer } from '../helpers/jwks-server.ts'
import { makeKey } from '../helpers/keys.ts'
import type { TestKey } from '../helpers/keys.ts'

/** What a test of tokens has. */
export interface Trust {
  readonly server: JwksServer
  readonly key: TestKey
  readonly verifier: TokenVerifier
}

/** An issuer as a policy would name it. */
export function issuerOf(issuer: string, overrides: Partial<Issuer> = {}): Issuer {
  return {
    issuer,
    audience: 'celosia',
    algorithms: ['ES256'],
    roles: roleClaim('$.realm_access.roles[*]', '$.realm_access.roles'),
    keys: { kind: 'url', url: `${issuer}/jwks` },
    typ: undefined,
    lifeSecondsMax: 86_400,
    introspection: undefined,
    dpopRequired: false,
    certificateBound: undefined,
    logout: undefined,
    ...overrides,
  }
}

/** Where the roles are; `lists` is what must be a list. */
export function roleClaim(query: string, lists?: string): RoleClaim {
  return {
    query: parseQuery(query),
    lists: lists === undefined ? undefined : parseQuery(lists),
    split: undefined,
    map: undefined,
  }
}

/** A verifier that trusts these issuers, with no keys yet. */
export function verifierFor(issuers: readonly Issuer[], clock: Clock = systemClock): TokenVerifier {
  const policy = { issuers, assurance: new Map(), training: undefined, dpop: undefined }
  return createTokenVerifier({ policy, keys: createIssuerKeys(clock), clock })
}

/** Starts the issuer and fetches its keys. */
export async function startTrust(
  t: Test,
  alg = 'ES256',
  overrides: Partial<Issuer> = {},
): Promise<Trust> {
  const key = await makeKey(alg)
  const server = await startJwksServer(t, [key])
  const issuer = issuerOf(server.issuer, { algorithms: [alg], ...overrides })
  const verifier = verifierFor([issuer])
  await verifier.prepare()
  return { server, key, verifier }
}

/** A request that nothing is proven for. */
const REQUEST = { method: 'GET', path: '/', proof: undefined, certificate: undefined }

/** The subject, or the reason why there is none; what neither refuses nor takes the token is thrown. */
export async function outcome(
  verifier: TokenVerifier,
  authorization: string | undefined,
): Promise<Subject | TokenError['reason'] | 'issuer-unavailable'> {
  try {
    return await verifier.verify(parseAuthorization(authorization), REQUEST)
  } catch (error) {
    if (error instanceof TokenError) return error.reason
    if (error instanceof IssuerUnavailableError) return 'issuer-unavailable'
    throw error
  }
}

/** Signs text as it stands, for payloads that no library would write. */
export function signText(text: string | Uint8Array, key: TestKey): Promise<string> {
  return new CompactSign(Buffer.from(text))
    .setProtectedHeader({ alg: key.alg, kid: key.kid, typ: 'at+jwt' })
    .sign(key.signingKey)
}
