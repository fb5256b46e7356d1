/**
 * The gateway as a client of an identity provider: the authorization code flow of OpenID Connect with PKCE (RFC 7636), `state`, `nonce` and
 * `iss` (RFC 9207), by openid-client. Its ID tokens are also verified as all tokens are here: by the keys and algorithms of the policy.
 */
import * as oidc from 'openid-client'
import type { Clock } from '../../core/clock.ts'
import type { AssuranceLevel, SessionRules } from '../../rules/trust.ts'
import { boundedFetch } from '../bounded-fetch.ts'
import { parseCompactToken } from '../compact-token.ts'
import type { CompactToken, TokenTypes } from '../compact-token.ts'
import { IssuerUnavailableError, LoginError, TokenError } from '../errors.ts'
import type { IssuerKeys } from '../issuer-keys.ts'
import { verifySignature } from '../signed-token.ts'
import { checkClaims } from '../token-claims.ts'

/** How long the provider's metadata are kept. */
const METADATA_MS = 3_600_000
/** Logins that the provider is asked about at one time; further ones are told to come again. */
const PENDING_MAX = 64
const ID_TOKENS: TokenTypes = new Set([undefined, 'jwt'])

/** What ties the answer of the provider to the browser that asked. Kept by the browser, sealed. */
export interface PendingLogin {
  readonly state: string
  readonly nonce: string
  readonly verifier: string
  readonly maxAgeS: number | undefined
}

export interface LoginClient {
  /** Where the browser is sent. Throws IssuerUnavailableError. */
  readonly begin: (
    level: AssuranceLevel | undefined,
  ) => Promise<{ readonly url: string; readonly pending: PendingLogin }>
  /**
   * The ID token, verified. `search`: the query of the address that the provider sent the browser back to. Throws LoginError where the
   * answer is none to this login, or a refusal; IssuerUnavailableError.
   */
  readonly finish: (search: string, pending: PendingLogin) => Promise<CompactToken>
  /** Where the browser is sent to log out there, too; undefined: the provider has no such place. Throws IssuerUnavailableError. */
  readonly logoutUrl: (idToken: string, returnTo: string) => Promise<string | undefined>
}

export interface LoginClientOptions {
  readonly rules: SessionRules
  readonly keys: IssuerKeys
  readonly clock: Clock
}

/** What a login is made with. */
interface Login extends LoginClientOptions {
  readonly configuration: () => Promise<oidc.Configuration>
}

export function createLoginClient(options: LoginClientOptions): LoginClient {
  const login = { ...options, configuration: createConfiguration(options.rules, options.clock) }
  let underWay = 0
  return {
    begin: (level) => begin(level, login),
    finish: async (search, pending) => {
      if (underWay >= PENDING_MAX) throw new IssuerUnavailableError('too many logins at one time')
      underWay += 1
      try {
        return await finish(search, pending, login)
      } finally {
        underWay -= 1
      }
    },
    logoutUrl: async (idToken, returnTo) => {
      const config = await login.configuration()
      if (config.serverMetadata().end_session_endpoint === undefined) return undefined
      return oidc.buildEndSessionUrl(config, {
        id_token_hint: idToken,
        client_id: options.rules.clientId,
        post_logout_redirect_uri: returnTo,
      }).href
    },
  }
}

async function begin(
  level: AssuranceLevel | undefined,
  { configuration, rules }: Login,
): Promise<{ readonly url: string; readonly pending: PendingLogin }> {
  const config = await configuration()
  const pending = {
    state: oidc.randomState(),
    nonce: oidc.randomNonce(),
    verifier: oidc.randomPKCECodeVerifier(),
    maxAgeS: level?.maxAgeSeconds,
  }
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri: rules.redirectUri,
    response_type: 'code',
    scope: rules.scope,
    state: pending.state,
    nonce: pending.nonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(pending.verifier),
    code_challenge_method: 'S256',
    ...(level !== undefined && level.acr.length > 0 && { acr_values: level.acr.join(' ') }),
    ...(pending.maxAgeS !== undefined && { max_age: String(pending.maxAgeS) }),
  })
  return { url: url.href, pending }
}

async function finish(
  search: string,
  { state, nonce, verifier, maxAgeS }: PendingLogin,
  login: Login,
): Promise<CompactToken> {
  const config = await login.configuration()
  const url = new URL(login.rules.redirectUri)
  url.search = search
  const { id_token: text } = await asLogin(
    oidc.authorizationCodeGrant(config, url, {
      expectedState: state,
      expectedNonce: nonce,
      pkceCodeVerifier: verifier,
      idTokenExpected: true,
      ...(maxAgeS !== undefined && { maxAge: maxAgeS }),
    }),
  )
  const token = await asLogin(verified(text ?? '', login))
  if (token.claims['nonce'] !== nonce) throw new LoginError('the ID token is of another login')
  return token
}

// In the code flow the library believes the connection, and not the signature.
async function verified(
  text: string,
  { rules: { issuer }, keys, clock }: Login,
): Promise<CompactToken> {
  const token = parseCompactToken(text)
  await verifySignature(
    token,
    {
      issuer: issuer.issuer,
      audience: issuer.audience,
      algorithms: issuer.algorithms,
      keys: keys.of(issuer),
      types: ID_TOKENS,
      requiredClaims: ['exp', 'iat', 'sub', 'nonce'],
      ageSecondsMax: issuer.lifeSecondsMax,
    },
    clock,
  )
  checkClaims({ all: token.claims, payload: token.payload }, issuer, clock.nowMs())
  return token
}

// One attempt at a time; what could not be had is asked for again at the next login.
function createConfiguration(
  { issuer, clientId, clientSecret }: SessionRules,
  clock: Clock,
): () => Promise<oidc.Configuration> {
  let known: { readonly config: Promise<oidc.Configuration>; readonly untilMs: number } | undefined
  const insecure = URL.parse(issuer.issuer)?.protocol === 'http:'
  const discover = () =>
    oidc.discovery(
      new URL(issuer.issuer),
      clientId,
      { client_secret: clientSecret },
      oidc.ClientSecretBasic(clientSecret),
      {
        [oidc.customFetch]: (url, options) => boundedFetch(url, options as RequestInit),
        // The policy says where the issuer is; where it is reached without TLS, that is its author's word.
        ...(insecure && { execute: [oidc.allowInsecureRequests] }),
      },
    )
  return async () => {
    if (known === undefined || clock.monotonicMs() > known.untilMs)
      known = { config: discover(), untilMs: clock.monotonicMs() + METADATA_MS }
    try {
      return await known.config
    } catch (cause) {
      known = undefined
      throw new IssuerUnavailableError('the metadata of the identity provider cannot be had', {
        cause,
      })
    }
  }
}

async function asLogin<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (cause) {
    if (cause instanceof IssuerUnavailableError) throw cause
    if (cause instanceof Error && cause.cause instanceof IssuerUnavailableError) throw cause.cause
    if (cause instanceof TokenError || isOfLibrary(cause))
      throw new LoginError('the login did not end as it should', { cause })
    throw cause
  }
}

function isOfLibrary(error: unknown): boolean {
  return (
    error instanceof oidc.ClientError ||
    error instanceof oidc.ResponseBodyError ||
    error instanceof oidc.AuthorizationResponseError ||
    error instanceof oidc.WWWAuthenticateChallengeError ||
    // What it says of an answer that is none.
    error instanceof TypeError
  )
}
