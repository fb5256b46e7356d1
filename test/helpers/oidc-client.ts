/** The browser and the client of an authorization code flow with PKCE (RFC 7636), over HTTP, step by step. */
import { createHash, randomBytes } from 'node:crypto'
import * as oauth from 'oauth4webapi'

/** The client as it is registered. */
export interface AuthorizationClient {
  readonly id: string
  readonly secret: string
  readonly redirectUri: string
  readonly scope: string
  /** The resource that the access token is for (RFC 8707). */
  readonly resource: string
}

/** What the end user enters at login. */
export interface EndUser {
  readonly subject: string
  readonly acr?: string
  readonly amr?: readonly string[]
  readonly authTime?: number
  /** Proves the possession of the key that the token is to be bound to (RFC 9449). Undefined: it is bound to none. */
  readonly dpop?: oauth.DPoPHandle | undefined
}

const STEPS_MAX = 12

/** A browser of its own, with its own session at the server. */
export interface Browser {
  /** Logs in, consents, and exchanges the code. Throws, with what the server said, where a step does not go as it should. */
  readonly authorize: (client: AuthorizationClient, user: EndUser) => Promise<string>
  /** Ends the session at the server (OpenID Connect RP-Initiated Logout 1.0). */
  readonly logout: () => Promise<void>
}

/** Opens one. */
export function createBrowser(issuer: string): Browser {
  const pages = new Pages(issuer)
  return {
    authorize: (client, user) => authorize(issuer, pages, client, user),
    logout: async () => {
      const { body } = await pages.visit(new URL('/session/end', issuer))
      const xsrf = /name="xsrf" value="([^"]+)"/.exec(body)?.[1]
      if (xsrf === undefined) throw new Error(`the server asked for no confirmation: ${body}`)
      const form = new URLSearchParams({ xsrf, logout: 'yes' })
      await pages.visit(new URL('/session/end/confirm', issuer), form)
    },
  }
}

async function authorize(
  issuer: string,
  pages: Pages,
  client: AuthorizationClient,
  user: EndUser,
): Promise<string> {
  const verifier = randomBytes(32).toString('base64url')
  const url = new URL('/auth', issuer)
  url.search = new URLSearchParams({
    client_id: client.id,
    response_type: 'code',
    redirect_uri: client.redirectUri,
    scope: client.scope,
    resource: client.resource,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  }).toString()
  const end = await walk(pages, url, client.redirectUri, user)
  const code = end.searchParams.get('code')
  if (code === null) throw new Error(`no code came back: ${end.search}`)
  return user.dpop === undefined
    ? exchange(issuer, client, code, verifier)
    : exchangeBound(issuer, client, { end, verifier, dpop: user.dpop })
}

/** Follows redirects and answers prompts until it is sent back to the client. */
async function walk(pages: Pages, start: URL, redirectUri: string, user: EndUser): Promise<URL> {
  let url = start
  for (let step = 0; step < STEPS_MAX; step += 1) {
    const page = await pages.visit(url)
    url = page.location ?? (await answerPrompt(pages, url, page.body, user))
    if (url.href.startsWith(redirectUri)) return url
  }
  throw new Error('the authorization server sent the browser round in circles')
}

async function answerPrompt(pages: Pages, url: URL, body: string, user: EndUser): Promise<URL> {
  const { subject, acr, amr, authTime } = user
  const login = { accountId: subject, acr, amr, ts: authTime }
  const { location } = await pages.visit(url, body.includes('"login"') ? login : {})
  if (location === undefined) throw new Error(`the prompt was not accepted: ${body}`)
  return location
}

async function exchange(
  issuer: string,
  client: AuthorizationClient,
  code: string,
  verifier: string,
): Promise<string> {
  const response = await fetch(new URL('/token', issuer), {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${client.id}:${client.secret}`)}` },
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code,
      redirect_uri: client.redirectUri,
      code_verifier: verifier,
      resource: client.resource,
    }),
  })
  const answer = (await response.json()) as { access_token?: unknown }
  if (typeof answer.access_token === 'string') return answer.access_token
  throw new Error(`no access token: ${JSON.stringify(answer)}`)
}

interface BoundExchange {
  readonly end: URL
  readonly verifier: string
  readonly dpop: oauth.DPoPHandle
}

async function exchangeBound(
  issuer: string,
  { id, secret, redirectUri, resource }: AuthorizationClient,
  { end, verifier, dpop }: BoundExchange,
): Promise<string> {
  const server = { issuer, token_endpoint: `${issuer}/token` }
  const client = { client_id: id, id_token_signed_response_alg: 'ES256' }
  const response = await oauth.authorizationCodeGrantRequest(
    server,
    client,
    oauth.ClientSecretBasic(secret),
    oauth.validateAuthResponse(server, client, end, oauth.expectNoState),
    redirectUri,
    verifier,
    { DPoP: dpop, additionalParameters: { resource }, [oauth.allowInsecureRequests]: true },
  )
  const answer = await oauth.processAuthorizationCodeResponse(server, client, response)
  if (answer.token_type !== 'dpop') throw new Error(`a token of type ${answer.token_type}`)
  return answer.access_token
}

/** Keeps cookies and follows nothing by itself. */
class Pages {
  readonly #origin: string
  readonly #cookies = new Map<string, string>()

  constructor(origin: string) {
    this.#origin = origin
  }

  /** Gets a page, or posts to it. Leaves the authorization server's origin never. */
  async visit(
    url: URL,
    form?: URLSearchParams | Readonly<Record<string, unknown>>,
  ): Promise<{ readonly location: URL | undefined; readonly body: string }> {
    if (url.origin !== this.#origin) throw new Error(`sent to another origin: ${url.origin}`)
    const response = await fetch(url, {
      method: form === undefined ? 'GET' : 'POST',
      redirect: 'manual',
      headers: { cookie: [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(form === undefined
        ? {}
        : { body: form instanceof URLSearchParams ? form : JSON.stringify(form) }),
    })
    for (const cookie of response.headers.getSetCookie()) this.#keep(cookie)
    const body = await response.text()
    if (response.status >= 400) throw new Error(`${url.pathname}: ${response.status} ${body}`)
    const location = response.headers.get('location')
    return { location: location === null ? undefined : new URL(location, url), body }
  }

  #keep(cookie: string): void {
    const [pair = ''] = cookie.split(';')
    const at = pair.indexOf('=')
    const name = pair.slice(0, at)
    if (pair.length === at + 1) this.#cookies.delete(name)
    else this.#cookies.set(name, pair.slice(at + 1))
  }
}
