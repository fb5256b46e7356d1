/** Gateways that browsers log in at, at one address that is known before they are: a real provider, a raw upstream, Redis or none. */
import { randomBytes } from 'node:crypto'
import { connect, createServer } from 'node:net'
import type { PolicyDocument } from '../../../src/rules/policy/document.ts'
import type { SessionDocument } from '../../../src/rules/policy/session-document.ts'
import { createCanaries, type Canaries } from '../canaries.ts'
import { listenOnLoopback, LOOPBACK } from '../free-port.ts'
import { shippedPolicy, startGatewayProcess, type GatewayProcess } from '../gateway.ts'
import { userBody } from '../helpdesk-answers.ts'
import type { TestScope } from '../process.ts'
import { jsonAnswer } from '../upstream-answers.ts'
import { startRawUpstream, type RawUpstream } from '../upstream.ts'
import { CLIENT, startLoginProvider, type LoginProvider } from './login-provider.ts'

export const USER_PATH = '/api/v2/users/7'
export const NOTES_PATH = '/api/v2/notes'
export const COOKIE = '__Host-celosia-session'
export const LOGIN_COOKIE = '__Host-celosia-login'

export interface SessionWorld {
  readonly provider: LoginProvider
  readonly upstream: RawUpstream
  readonly canaries: Canaries
  readonly gateways: readonly GatewayProcess[]
  /** The address of the first gateway, as browsers see it. */
  readonly at: string
  /** Where a login leads to: a page of the same site. */
  readonly desk: string
}

export interface SessionWorldOptions {
  readonly redisUrl?: string
  readonly gateways?: number
  readonly session?: Partial<SessionDocument>
  readonly change?: (policy: PolicyDocument) => PolicyDocument
  /** Where the pages are; undefined: nobody is there. */
  readonly desk?: string
}

/** Starts everything; it is ended with the test. */
export async function startSessionWorld(
  t: TestScope,
  {
    redisUrl,
    gateways: count = 1,
    session = {},
    change = (same) => same,
    desk = 'http://localhost:9',
  }: SessionWorldOptions = {},
): Promise<SessionWorld> {
  const front = await startFront(t)
  const at = `http://localhost:${front.port}`
  const [upstream, provider] = await Promise.all([
    startRawUpstream(t),
    startLoginProvider(t, {
      redirectUri: `${at}/celosia/callback`,
      returnTo: `${desk}/`,
      logoutUri: `http://${LOOPBACK}:${front.port}/celosia/backchannel-logout`,
    }),
  ])
  const policy = change(withSession(at, desk, session))
  const gateways: GatewayProcess[] = []
  const key = randomBytes(32).toString('base64')
  while (gateways.length < count)
    gateways.push(
      await startGatewayProcess(t, {
        policy,
        upstreamUrl: upstream.url,
        issuer: provider.issuer,
        env: { CELOSIA_CURSOR_KEY: key, CLIENT_SECRET: CLIENT.secret },
        ...(redisUrl !== undefined && { store: { redisUrl } }),
      }),
    )
  front.to(gateways[0]?.port ?? 0)
  const canaries = createCanaries()
  upstream.answer(jsonAnswer(userBody(canaries)))
  return { provider, upstream, canaries, gateways, at, desk }
}

function withSession(at: string, desk: string, more: Partial<SessionDocument>): PolicyDocument {
  const policy = shippedPolicy()
  const [issuer] = policy.identity.issuers
  if (issuer === undefined) throw new Error('the shipped policy has an issuer')
  return {
    ...policy,
    publicUrl: at,
    keys: { ...policy.keys, cursor: { version: 1, env: 'CELOSIA_CURSOR_KEY' } },
    identity: {
      ...policy.identity,
      issuers: [{ ...issuer, logout: { audience: CLIENT.id } }],
      revocation: {},
    },
    session: {
      issuer: issuer.issuer,
      clientId: CLIENT.id,
      clientSecret: '${CLIENT_SECRET}',
      origins: [desk, at],
      returnTo: [`${desk}/`, `${at}/api/`],
      ...more,
    },
    cors: { origins: [desk], credentials: true },
    routes: [
      ...policy.routes,
      {
        match: `POST ${NOTES_PATH}`,
        upstream: Object.keys(policy.upstreams)[0] ?? '',
        body: { types: ['application/json'], plain: ['$.pinned'], fixture: 'none' },
        unlisted: 'mask',
        write: 'none',
      } as unknown as PolicyDocument['routes'][number],
    ],
  }
}

/** A port that hands on to another, which comes later. */
async function startFront(t: TestScope) {
  let target = 0
  const server = createServer((socket) => {
    const onward = connect(target, LOOPBACK)
    socket.pipe(onward).pipe(socket)
    for (const one of [socket, onward])
      one.on('error', () => [socket, onward].forEach((each) => each.destroy()))
  })
  t.teardown(() => void server.close())
  const port = await listenOnLoopback(server)
  return { port, to: (next: number) => (target = next) }
}
