/**
 * A real authorization server on loopback: an agent logs in and consents over HTTP, and the token that comes out is what
 * a gateway in the field would get (RFC 9068). `oidc-client.ts` plays the agent's browser.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { DPoPHandle } from 'oauth4webapi'
import type { Provider } from 'oidc-provider'
import { listenOnLoopback, LOOPBACK } from './free-port.ts'
import { makeKey, type TestKey } from './keys.ts'
import { createBrowser, type AuthorizationClient, type Browser } from './oidc-client.ts'
import { createProvider, RESOURCE, SCOPE, type Accounts } from './oidc-config.ts'
import { createStore } from './oidc-store.ts'
import type { TestScope } from './process.ts'
import { readForm } from './read-form.ts'

/** Who logs in, and how well. */
export interface LoginOptions {
  readonly subject: string
  readonly roles?: readonly string[]
  readonly acr?: string
  readonly amr?: readonly string[]
  /** When the login took place, seconds since 1970. Undefined: now. */
  readonly authTime?: number
  /** When the privacy training was, as the token says it. Undefined: today; null: the token does not say. */
  readonly trained?: string | number | null
  /** Proves the possession of the key that the token is to be bound to (RFC 9449). Undefined: it is bound to none. */
  readonly dpop?: DPoPHandle
}

/** The authorization server of a test. */
export interface OidcIssuer {
  readonly issuer: string
  readonly jwksUrl: string
  /** The audience of its access tokens. */
  readonly audience: 'celosia'
  /** Runs the authorization code flow with PKCE and gives the access token. */
  readonly login: (who: LoginOptions) => Promise<string>
  /** Signs with a new key from now on. The old ones stay published unless dropped. Gives the new key's id. */
  readonly rotate: (options?: { readonly dropOld?: boolean }) => Promise<string>
  /** Tells this address from now on when somebody is logged out; with the session's id, or with the subject only. */
  readonly logoutTo: (uri: string, options?: { readonly withSession: boolean }) => void
  /** Logs out of the session of the last login; resolves once the logout token was delivered or refused. */
  readonly logout: (subject: string) => Promise<void>
  /** Requests for the keys so far. */
  readonly jwksCount: () => number
  /** Who may ask about tokens (RFC 7662). */
  readonly introspection: { readonly clientId: string; readonly clientSecret: string }
  /** Questions about tokens so far. */
  readonly introspectionCount: () => number
  /** Ends a token before its time (RFC 7009). */
  readonly revoke: (token: string) => Promise<void>
}

/** How it differs. */
export interface OidcIssuerOptions {
  /** `opaque`: only the server itself can read its access tokens. Undefined: JWT. */
  readonly tokens?: 'jwt' | 'opaque'
  /** In PEM: what clients show when they fetch tokens, which are bound to it (RFC 8705). */
  readonly certificate?: string
}

interface State {
  readonly issuer: string
  readonly accounts: Accounts
  keys: readonly TestKey[]
  provider: Provider
  serve: ReturnType<Provider['callback']>
  jwksCount: number
  introspectionCount: number
}

/** Starts one with one ES256 key on a free loopback port. */
export async function startOidcProvider(
  t: TestScope,
  { tokens = 'jwt', certificate }: OidcIssuerOptions = {},
): Promise<OidcIssuer> {
  const server = createServer()
  const issuer = `http://${LOOPBACK}:${await listenOnLoopback(server)}`
  const client = {
    id: 'agent-desk',
    secret: crypto.randomUUID(),
    redirectUri: 'https://desk.example/callback',
    scope: `openid ${SCOPE}`,
    resource: RESOURCE,
  }
  const introspection = { clientId: 'celosia', clientSecret: crypto.randomUUID() }
  const accounts: Accounts = {
    client,
    tokens,
    introspection,
    people: new Map(),
    adapter: createStore(),
    cookieKey: crypto.randomUUID(),
    certificate,
    logout: undefined,
  }
  const browsers = new Map<string, Browser>()
  const keys = [await makeKey('ES256')]
  const provider = createProvider(issuer, accounts, keys)
  const state: State = {
    issuer,
    accounts,
    keys,
    provider,
    serve: provider.callback(),
    jwksCount: 0,
    introspectionCount: 0,
  }
  server.on('request', (request, response) => {
    handle(state, request, response).catch((error: unknown) => response.destroy(error as Error))
  })
  t.teardown(async () => {
    const closed = new Promise((resolve) => server.close(resolve))
    server.closeAllConnections()
    await closed
  })
  return {
    issuer,
    jwksUrl: `${issuer}/jwks`,
    audience: 'celosia',
    login: (who) => {
      accounts.people.set(who.subject, who)
      const browser = createBrowser(issuer)
      browsers.set(who.subject, browser)
      return browser.authorize(client, who)
    },
    logoutTo: (uri, options) => {
      accounts.logout = { uri, withSession: options?.withSession ?? true }
      renew(state)
    },
    logout: async (subject) => {
      const browser = browsers.get(subject)
      if (browser === undefined) throw new Error(`${subject} is not logged in`)
      await browser.logout()
    },
    rotate: (options) => rotate(state, options?.dropOld ?? false),
    jwksCount: () => state.jwksCount,
    introspection,
    introspectionCount: () => state.introspectionCount,
    revoke: (token) => revoke(issuer, client, token),
  }
}

async function revoke(issuer: string, client: AuthorizationClient, token: string): Promise<void> {
  const { status } = await fetch(`${issuer}/token/revocation`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${client.id}:${client.secret}`)}` },
    body: new URLSearchParams({ token }),
  })
  if (status !== 200) throw new Error(`the token was not revoked: ${status}`)
}

/** The library's keys are fixed when it is made, so that rotating means a new one; sessions live in the store. */
async function rotate(state: State, dropOld: boolean): Promise<string> {
  const key = await makeKey('ES256')
  state.keys = dropOld ? [key] : [key, ...state.keys]
  renew(state)
  return key.kid
}

function renew(state: State): void {
  state.provider = createProvider(state.issuer, state.accounts, state.keys)
  state.serve = state.provider.callback()
}

async function handle(
  state: State,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.url === '/jwks') state.jwksCount += 1
  if (request.url === '/token/introspection') state.introspectionCount += 1
  if (request.url?.startsWith('/interaction/') !== true) return state.serve(request, response)
  const { prompt, params, session } = await state.provider.interactionDetails(request, response)
  if (request.method === 'GET') {
    response.end(JSON.stringify({ prompt: prompt.name }))
  } else if (prompt.name === 'login') {
    const login = JSON.parse(await readForm(request)) as Record<string, unknown>
    await finish(state, request, response, { login })
  } else {
    const grant = new state.provider.Grant({
      accountId: session?.accountId ?? '',
      clientId: params['client_id'] ?? '',
    })
    grant.addOIDCScope('openid')
    grant.addResourceScope(RESOURCE, SCOPE)
    await finish(state, request, response, { consent: { grantId: await grant.save() } })
  }
}

function finish(
  { provider }: State,
  request: IncomingMessage,
  response: ServerResponse,
  result: Readonly<Record<string, unknown>>,
): Promise<void> {
  return provider.interactionFinished(request, response, result, { mergeWithLastSubmission: true })
}
