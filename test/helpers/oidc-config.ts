/** How the authorization server of a test is set up. */
import { Provider, type RequestContext } from 'oidc-provider'
import type { TestKey } from './keys.ts'
import type { AuthorizationClient } from './oidc-client.ts'
import type { StoreAdapter } from './oidc-store.ts'

/** The resource that access tokens are for. */
export const RESOURCE = 'https://helpdesk.example'
export const SCOPE = 'agent'
const TOKEN_LIFE_SECONDS = 3_600

/** What its tokens say of somebody. */
export interface Person {
  readonly roles?: readonly string[]
  readonly trained?: string | number | null
}

/** What outlives a rotation of keys. */
export interface Accounts {
  readonly client: AuthorizationClient
  readonly tokens: 'jwt' | 'opaque'
  readonly introspection: { readonly clientId: string; readonly clientSecret: string }
  readonly people: Map<string, Person>
  readonly adapter: (model: string) => StoreAdapter
  readonly cookieKey: string
  /** What clients show when they fetch tokens, which are bound to it (RFC 8705); undefined: nothing. */
  readonly certificate: string | undefined
  /** Who is told of logouts. */
  logout: { readonly uri: string; readonly withSession: boolean } | undefined
}

/** The library is set up once for all, so that each change means a new one; sessions live in the store. */
export function createProvider(
  issuer: string,
  accounts: Accounts,
  keys: readonly TestKey[],
): Provider {
  const { client, people, adapter, introspection, tokens, cookieKey, certificate, logout } =
    accounts
  const jwt = { sign: { alg: 'ES256', kid: keys[0]?.kid } }
  return new Provider(issuer, {
    clients: [
      {
        client_id: client.id,
        client_secret: client.secret,
        redirect_uris: [client.redirectUri],
        id_token_signed_response_alg: 'ES256',
        ...(certificate !== undefined && { tls_client_certificate_bound_access_tokens: true }),
        ...(logout !== undefined && {
          backchannel_logout_uri: logout.uri,
          backchannel_logout_session_required: logout.withSession,
        }),
      },
      {
        client_id: introspection.clientId,
        client_secret: introspection.clientSecret,
        redirect_uris: [],
        response_types: [],
        grant_types: [],
        id_token_signed_response_alg: 'ES256',
      },
    ],
    cookies: { keys: [cookieKey] },
    // The library's own would not go to loopback.
    fetch: (url: URL, options: RequestInit) =>
      fetch(url, {
        method: options.method ?? 'GET',
        headers: options.headers ?? {},
        body: options.body ?? null,
        redirect: 'manual',
      }),
    jwks: { keys: keys.map(({ privateJwk }) => privateJwk) },
    // Not the scope of the resource: the library would ask for consent to it twice.
    scopes: ['openid'],
    adapter,
    findAccount: (_context: unknown, id: string) => ({
      accountId: id,
      claims: () => ({ sub: id }),
    }),
    extraTokenClaims: (context: RequestContext) => extraClaims(context, people),
    interactions: { url: (_context: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
    ttl: {
      Interaction: 600,
      Session: 600,
      Grant: 600,
      AuthorizationCode: 60,
      IdToken: 600,
      AccessToken: 3_600,
    },
    features: {
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: () => ({
          audience: 'celosia',
          scope: SCOPE,
          accessTokenFormat: tokens,
          accessTokenTTL: TOKEN_LIFE_SECONDS,
          ...(tokens === 'jwt' && { jwt }),
        }),
      },
      introspection: { enabled: true, allowedPolicy: () => true },
      revocation: { enabled: true },
      dPoP: { enabled: true },
      ...(certificate !== undefined && {
        mTLS: {
          enabled: true,
          certificateBoundAccessTokens: true,
          // In the field what ends TLS in front of the server says so.
          getCertificate: () => certificate,
        },
      }),
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: { enabled: true, logoutSource },
    },
  })
}

function extraClaims(
  { oidc }: RequestContext,
  people: ReadonlyMap<string, Person>,
): Record<string, unknown> {
  const code = oidc.entities.AuthorizationCode
  if (code === undefined) throw new Error('only the authorization code flow is set up here')
  const { acr, amr, authTime, sid } = code
  const { roles = [], trained = authTime } = people.get(code.accountId) ?? {}
  const training = trained === null ? {} : { privacy_training_at: trained }
  return { acr, amr, sid, auth_time: authTime, realm_access: { roles }, ...training }
}

/** The page that asks whether to log out; the form is the library's. */
function logoutSource(context: { body: string }, form: string): void {
  context.body = form
}
