/** From a credential to a subject. Algorithms, issuer and audience are the policy's, never the token's. */
import type { Clock } from '../core/clock.ts'
import type { Issuer } from '../rules/trust.ts'
import { checkHolder, isBoundToCertificate } from './certificate-binding.ts'
import { isSignedToken, parseCompactToken } from './compact-token.ts'
import type { CompactToken, TokenTypes } from './compact-token.ts'
import type { Credential } from './credential.ts'
import { isBound, verifyProof } from './dpop/proof.ts'
import type { Proof, ProvenRequest } from './dpop/proof.ts'
import { IssuerUnavailableError, TokenError } from './errors.ts'
import { createIntrospector } from './introspector.ts'
import type { Introspector } from './introspector.ts'
import type { KeySet } from './key-set.ts'
import type { KeySource } from './key-source.ts'
import type { IssuerKeys } from './issuer-keys.ts'
import { verifySignature } from './signed-token.ts'
import type { Subject } from './subject.ts'
import { toSubject } from './to-subject.ts'
import type { Checked, RolesRead, TrustPolicy } from './to-subject.ts'
import { checkClaims } from './token-claims.ts'
import type { TokenClaims } from './token-claims.ts'
import { createVerifiedTokens } from './verified-tokens.ts'
import type { Verified, VerifiedTokens } from './verified-tokens.ts'

export interface TokenVerifier {
  /**
   * Verifies the token, and the proof for this request where it is bound to a key. Whether the proof was used before is not known by
   * then. Throws TokenError (401) or IssuerUnavailableError (503).
   */
  readonly verify: (credential: Credential, request: ProvenRequest) => Promise<Subject>
  /** The keys that it verifies with. */
  readonly keys: IssuerKeys
  /** Sees to it that tokens of every issuer can be verified. Throws IssuerUnavailableError naming those where they cannot. */
  readonly prepare: () => Promise<void>
}

interface TrustedIssuer {
  readonly issuer: Issuer
  readonly keys: KeySource
  readonly introspector: Introspector | undefined
}

export interface TokenVerifierOptions {
  readonly policy: TrustPolicy
  /** Kept over reloads of the policy, so that an issuer may be away meanwhile. */
  readonly keys: IssuerKeys
  readonly clock: Clock
}

export function createTokenVerifier({ policy, keys, clock }: TokenVerifierOptions): TokenVerifier {
  const trusted = policy.issuers.map((issuer): TrustedIssuer => {
    const { introspection } = issuer
    const introspector = introspection && createIntrospector(issuer, introspection, clock)
    return { issuer, keys: keys.of(issuer), introspector }
  })
  const byName = new Map<unknown, TrustedIssuer>(
    trusted.map((entry) => [entry.issuer.issuer, entry]),
  )
  const asking = trusted.find(({ introspector }) => introspector !== undefined)
  const verified = createVerifiedTokens<TrustedIssuer>(clock)
  const roles: RolesRead = new WeakMap()
  const vouchedFor = async (token: string): Promise<Vouched> => {
    const known = isSignedToken(token) ? await stillVerified(verified.find(token)) : undefined
    if (known !== undefined)
      return { issuer: known.owner.issuer, claims: signedClaims(known.parsed) }
    // What begins like a JWS must be one: its issuer is the one that it names.
    const parsed = isSignedToken(token) ? parseCompactToken(token) : undefined
    const found = parsed === undefined ? asking : byName.get(parsed.claims['iss'])
    if (found === undefined) throw new TokenError('token-invalid', 'the issuer is not trusted')
    const { introspector, issuer } = found
    const claims =
      introspector === undefined
        ? await provenBySignature(parsed, found, { clock, verified })
        : proven(await introspector.ask(token))
    return { issuer, claims }
  }
  return {
    keys,
    prepare: () => prepareAll(trusted),
    verify: async (credential, request) => {
      const { scheme, token } = credential
      if (scheme === 'DPoP' && policy.dpop === undefined)
        throw new TokenError('token-missing', 'no tokens that are bound to a key are taken')
      const { issuer, claims } = await vouchedFor(token)
      const nowMs = clock.nowMs()
      const checked = checkClaims(claims, issuer, nowMs)
      const proof = await provePossession(credential, request, { checked, issuer, policy, nowMs })
      return toSubject({ checked, issuer, policy, nowMs }, proof, roles)
    },
  }
}

/** Claims, and the issuer that vouches for them by its signature or its word. */
interface Vouched {
  readonly issuer: Issuer
  readonly claims: ProvenClaims
}

// Keys that are too old are fetched for it, as for a token that was never seen.
async function stillVerified(
  known: Verified<TrustedIssuer> | undefined,
): Promise<Verified<TrustedIssuer> | undefined> {
  if (known === undefined) return undefined
  return (await known.owner.keys.current()) === known.keySet ? known : undefined
}

async function prepareAll(trusted: readonly TrustedIssuer[]): Promise<void> {
  const results = await Promise.allSettled(
    trusted.map(({ keys, introspector }) => (introspector ?? keys).prepare()),
  )
  const failed = trusted.filter((_, index) => results[index]?.status === 'rejected')
  if (failed.length === 0) return
  const names = failed.map(({ issuer }) => issuer.issuer)
  const cause = results.find((result) => result.status === 'rejected')?.reason as unknown
  throw new IssuerUnavailableError(
    `tokens of these issuers cannot be verified now: ${names.join(', ')}`,
    { cause },
  )
}

// RFC 9449 7.1 and 7.2: a token that is bound to a key is for who holds it, however it is brought.
async function provePossession(
  { scheme, token }: Credential,
  request: ProvenRequest,
  { checked, issuer, policy, nowMs }: Checked & { readonly policy: TrustPolicy },
): Promise<Proof | undefined> {
  const { certificateBound } = issuer
  if (scheme === 'Bearer') {
    if (certificateBound !== undefined && isBoundToCertificate(checked.all)) {
      checkHolder(checked.all, request.certificate, nowMs)
      return undefined
    }
    if (isBound(checked.all)) throw new TokenError('token-invalid', 'the token is bound to a key')
    if (issuer.dpopRequired || certificateBound === 'required')
      throw new TokenError('token-invalid', 'tokens of the issuer must be bound to a key')
    return undefined
  }
  if (certificateBound === 'required')
    throw new TokenError('token-invalid', 'tokens of the issuer must be bound to a certificate')
  const { dpop } = policy
  return dpop && verifyProof(request, { token, claims: checked.all }, dpop, nowMs)
}

/** Types that access tokens are sent with; an issuer may be held to the one of RFC 9068. */
const ACCESS_TOKENS: TokenTypes = new Set([undefined, 'jwt', 'at+jwt'])
const RFC9068_TOKENS: TokenTypes = new Set(['at+jwt'])

interface Verifying {
  readonly clock: Clock
  readonly verified: VerifiedTokens<TrustedIssuer>
}

async function provenBySignature(
  parsed: CompactToken | undefined,
  owner: TrustedIssuer,
  { clock, verified }: Verifying,
): Promise<ProvenClaims> {
  if (parsed === undefined) throw new TokenError('token-invalid', 'the token is no compact JWS')
  const { issuer, keys } = owner
  let keySet: KeySet | undefined
  const keyFor: KeySource['keyFor'] = async (header, jws) => {
    const before = await keys.current()
    const key = await keys.keyFor(header, jws)
    // Where the keys changed meanwhile nobody knows of which the key is one.
    if ((await keys.current()) === before) keySet = before
    return key
  }
  await verifySignature(
    parsed,
    {
      issuer: issuer.issuer,
      audience: issuer.audience,
      algorithms: issuer.algorithms,
      keys: { keyFor },
      types: issuer.typ === 'at+jwt' ? RFC9068_TOKENS : ACCESS_TOKENS,
      requiredClaims: ['exp', 'iat', 'sub'],
      ageSecondsMax: issuer.lifeSecondsMax,
    },
    clock,
  )
  if (keySet !== undefined) verified.remember({ parsed, owner, keySet })
  return signedClaims(parsed)
}

function signedClaims({ claims, payload }: CompactToken): ProvenClaims {
  return { all: claims, payload }
}

type ProvenClaims = Pick<TokenClaims, 'all' | 'payload'>

// Queries run over bytes; those of an answer have no other use.
function proven(all: TokenClaims['all']): ProvenClaims {
  return { all, payload: Buffer.from(JSON.stringify(all)) }
}
