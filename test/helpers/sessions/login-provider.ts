/** A real identity provider that browsers log in at: it asks who somebody is, and again where a better login is asked for. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { interactionPolicy, Provider } from 'oidc-provider'
import { listenOnLoopback, LOOPBACK } from '../free-port.ts'
import { makeKey } from '../keys.ts'
import { createStore } from '../oidc-store.ts'
import type { TestScope } from '../process.ts'
import { readForm } from '../read-form.ts'

export const CLIENT = { id: 'agent-desk', secret: 'not-a-secret-at-all' } as const

/** What its ID tokens say of somebody beside the name. */
export type PersonClaims = Readonly<Record<string, unknown>>

export interface LoginProvider {
  readonly issuer: string
  /** Who can log in. */
  readonly people: Map<string, PersonClaims>
  /** How each level is met: `amr` by `acr`; a login without one has `acr` `1`. */
  readonly levels: Map<string, readonly string[]>
  /** Closes it; it listens no more. */
  readonly close: () => Promise<void>
}

export interface LoginProviderOptions {
  readonly redirectUri: string
  readonly returnTo: string
  readonly logoutUri: string
}

/** Starts one; its client may be sent back to these addresses. */
export async function startLoginProvider(
  t: TestScope,
  { redirectUri, returnTo, logoutUri }: LoginProviderOptions,
): Promise<LoginProvider> {
  const server = createServer()
  const issuer = `http://${LOOPBACK}:${await listenOnLoopback(server)}`
  const people: LoginProvider['people'] = new Map()
  const levels: LoginProvider['levels'] = new Map()
  const key = await makeKey('ES256')
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: CLIENT.id,
        client_secret: CLIENT.secret,
        redirect_uris: [redirectUri],
        post_logout_redirect_uris: [returnTo],
        id_token_signed_response_alg: 'ES256',
        backchannel_logout_uri: logoutUri,
        backchannel_logout_session_required: true,
      },
    ],
    cookies: { keys: [crypto.randomUUID()] },
    // The library's own would not go to loopback.
    fetch: (url: URL, { method = 'GET', headers = {}, body = null }: RequestInit) =>
      fetch(url, { method, headers, body, redirect: 'manual' }),
    jwks: { keys: [key.privateJwk] },
    adapter: createStore(),
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    claims: {
      openid: ['sub', 'acr', 'amr', 'auth_time', 'realm_access', 'privacy_training_at'],
    },
    findAccount: (_context: unknown, id: string) => ({
      accountId: id,
      claims: () => ({ sub: id, ...people.get(id) }),
    }),
    interactions: {
      policy: withLevels(),
      url: (_context: unknown, { uid }: { uid: string }) => `/interaction/${uid}`,
    },
    ttl: {
      Interaction: 600,
      Session: 600,
      Grant: 600,
      AuthorizationCode: 60,
      IdToken: 600,
      AccessToken: 600,
    },
    features: {
      devInteractions: { enabled: false },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (context: { body: string }, form: string) => {
          context.body = `${form}<button form="op.logoutForm" name="logout" value="yes">Log out</button>`
        },
      },
    },
  })
  const serve = provider.callback()
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const answered =
      request.url?.startsWith('/interaction/') === true
        ? interact({ provider, levels }, request, response)
        : serve(request, response)
    answered.catch((error: unknown) => response.destroy(error as Error))
  })
  const close = async () => {
    const closed = new Promise((resolve) => server.close(resolve))
    server.closeAllConnections()
    await closed
  }
  t.teardown(close)
  return { issuer, people, levels, close }
}

// RFC 9470 leaves it to the provider how a level is asked for; this one asks for a login of that level.
function withLevels(): unknown {
  const policy = interactionPolicy.base()
  const check = new interactionPolicy.Check(
    'level_missing',
    'a login of another level is asked for',
    ({ oidc }) => {
      const asked = oidc.params['acr_values']?.split(' ')
      const acr = oidc.session.acr
      return asked !== undefined && (acr === undefined || !asked.includes(acr))
    },
  )
  policy.get('login').checks.add(check)
  return policy
}

interface State {
  readonly provider: Provider
  readonly levels: LoginProvider['levels']
}

async function interact(
  { provider, levels }: State,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { prompt, params, session } = await provider.interactionDetails(request, response)
  const merge = { mergeWithLastSubmission: true }
  if (prompt.name === 'consent') {
    const of = { accountId: session?.accountId ?? '', clientId: params['client_id'] ?? '' }
    const grant = new provider.Grant(of)
    grant.addOIDCScope('openid')
    const consent = { grantId: await grant.save() }
    await provider.interactionFinished(request, response, { consent }, merge)
  } else if (request.method === 'GET') {
    response.setHeader('content-type', 'text/html')
    response.end(
      '<!doctype html><title>login</title><form method="post"><input name="name"><button>Log in</button></form>',
    )
  } else {
    const accountId = new URLSearchParams(await readForm(request)).get('name') ?? ''
    const acr = params['acr_values']?.split(' ').find((value) => levels.has(value)) ?? '1'
    const login = { accountId, acr, amr: levels.get(acr) ?? ['pwd'] }
    await provider.interactionFinished(request, response, { login }, merge)
  }
}
