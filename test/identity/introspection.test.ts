/** Tokens that only their issuer can read: asked about, kept for a while, and never shown to anybody else. */
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { test } from 'tap'
import type { Test } from 'tap'
import { systemClock } from '../../src/core/clock.ts'
import type { Clock } from '../../src/core/clock.ts'
import type { Introspection, Issuer } from '../../src/rules/trust.ts'
import { listenOnLoopback, LOOPBACK } from '../helpers/free-port.ts'
import { startOidcProvider } from '../helpers/issuer.ts'
import { startJwksServer } from '../helpers/jwks-server.ts'
import { accessClaims, makeKey, signToken } from '../helpers/keys.ts'
import { issuerOf, outcome, verifierFor } from './trust.ts'

const CACHE_MS = 30_000

function askedIssuer(issuer: string, introspection: Partial<Introspection> = {}): Issuer {
  return issuerOf(issuer, {
    algorithms: [],
    introspection: {
      url: `${issuer}/introspect`,
      clientId: 'celosia',
      clientSecret: 'a secret: with & signs',
      cacheMs: CACHE_MS,
      ...introspection,
    },
  })
}

/** A clock that is put forward by hand. */
function movableClock(): Clock & { readonly later: (ms: number) => void } {
  let ahead = 0
  return {
    nowMs: () => systemClock.nowMs() + ahead,
    monotonicMs: () => systemClock.monotonicMs() + ahead,
    later: (ms) => void (ahead += ms),
  }
}

type Answer = (token: string, response: ServerResponse) => void

/** An introspection endpoint that answers as told; `asked` are the requests that it got. */
async function startEndpoint(t: Test, answer: Answer) {
  const asked: { readonly token: string; readonly authorization: string | undefined }[] = []
  const server = createServer((request, response) => {
    void (async () => {
      const token = (await readForm(request)).get('token') ?? ''
      asked.push({ token, authorization: request.headers.authorization })
      answer(token, response)
    })()
  })
  const url = `http://${LOOPBACK}:${await listenOnLoopback(server)}`
  t.teardown(() => server.closeAllConnections())
  t.teardown(() => server.close())
  return { url, asked }
}

async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  let text = ''
  for await (const part of request.setEncoding('utf8')) text += part as string
  return new URLSearchParams(text)
}

const says =
  (value: unknown): Answer =>
  (_token, response) =>
    void response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(typeof value === 'string' ? value : JSON.stringify(value))

/** What an issuer says of a good token; nobody needs to sign it. */
function active(issuer: string, overrides: Readonly<Record<string, unknown>> = {}) {
  return { active: true, token_type: 'Bearer', ...accessClaims(issuer), ...overrides }
}

test('opaque tokens of a real authorization server, until they are revoked', async (t) => {
  const oidc = await startOidcProvider(t, { tokens: 'opaque' })
  const clock = movableClock()
  const issuer = askedIssuer(oidc.issuer, { url: undefined, ...oidc.introspection })
  const verifier = verifierFor([issuer], clock)
  await verifier.prepare()
  const token = await oidc.login({ subject: 'agent-7', roles: ['agent'] })
  t.notMatch(token, /\./, 'nobody else can read it')
  const subject = { id: 'agent-7', issuer: oidc.issuer, claimedRoles: { names: ['agent'] } }
  const ask = () => outcome(verifier, `Bearer ${token}`)
  t.match(
    await Promise.all(Array.from({ length: 20 }, ask)),
    Array.from({ length: 20 }, () => subject),
  )
  t.equal(oidc.introspectionCount(), 1, 'one question for all')
  await oidc.revoke(token)
  t.match(await ask(), subject, 'the answer holds for a while')
  clock.later(CACHE_MS)
  t.equal(await ask(), 'token-invalid')
  t.equal(oidc.introspectionCount(), 2)
  t.equal(await outcome(verifier, 'Bearer unknown'), 'token-invalid')
})

test('an answer holds for the time of the policy, and never longer than the token', async (t) => {
  const clock = movableClock()
  const nowS = Math.floor(clock.nowMs() / 1_000)
  const { url, asked } = await startEndpoint(t, (token, response) =>
    says(active(url, token === 'short' ? { exp: nowS + 5 } : {}))(token, response),
  )
  const verifier = verifierFor([askedIssuer(url)], clock)
  const ask = (token: string) => outcome(verifier, `Bearer ${token}`)
  t.match(await ask('short'), { id: 'agent-1' })
  t.match(await ask('long'), { id: 'agent-1' })
  t.match(await ask('long'), { id: 'agent-1' })
  t.equal(asked.length, 2)
  clock.later(CACHE_MS - 1)
  t.match(await ask('long'), { id: 'agent-1' })
  clock.later(6_000)
  t.equal(await ask('short'), 'token-invalid', 'it has ended, whatever its issuer says')
  t.match(await ask('long'), { id: 'agent-1' })
  t.equal(asked.length, 4, 'both were asked about again')
})

test('a token that ends while the answer is kept is refused without a question', async (t) => {
  const clock = movableClock()
  const nowS = Math.floor(clock.nowMs() / 1_000)
  const { url, asked } = await startEndpoint(t, (token, response) =>
    says(active(url, { exp: nowS + 5 }))(token, response),
  )
  const verifier = verifierFor([askedIssuer(url, { cacheMs: 300_000 })], clock)
  t.match(await outcome(verifier, 'Bearer x'), { id: 'agent-1' })
  clock.later(40_000)
  t.equal(await outcome(verifier, 'Bearer x'), 'token-invalid')
  t.equal(asked.length, 1)
})

test('what the issuer says must be as good as a signed token', async (t) => {
  let said: unknown
  const { url } = await startEndpoint(t, (token, response) => says(said)(token, response))
  const nowS = Math.floor(systemClock.nowMs() / 1_000)
  const bad: Readonly<Record<string, unknown>> = {
    'not active': active(url, { active: false }),
    'active as text': active(url, { active: 'true' }),
    'active as a number': active(url, { active: 1 }),
    'no word of active': active(url, { active: undefined }),
    'another issuer': active(url, { iss: 'https://other.example' }),
    'another audience': active(url, { aud: 'other' }),
    'no audience': active(url, { aud: undefined }),
    'no subject': active(url, { sub: undefined }),
    'no end': active(url, { exp: undefined }),
    'no beginning': active(url, { iat: undefined }),
    'too long a life': active(url, { exp: nowS + 400_000 }),
    expired: active(url, { iat: nowS - 7_200, exp: nowS - 3_600 }),
    'not yet': active(url, { nbf: nowS + 3_600 }),
    'another type': active(url, { token_type: 'mac' }),
    'a type that is no text': active(url, { token_type: ['Bearer'] }),
  }
  for (const [name, value] of Object.entries(bad)) {
    said = value
    t.equal(await outcome(verifierFor([askedIssuer(url)]), 'Bearer x'), 'token-invalid', name)
  }
  said = active(url, { iss: undefined })
  t.match(
    await outcome(verifierFor([askedIssuer(url)]), 'Bearer x'),
    { id: 'agent-1', issuer: url },
    'who was asked need not say who it is',
  )
})

test('an issuer that does not answer well is 503, and nothing is kept of it', async (t) => {
  const good = active('x')
  let answer: Answer = says(good)
  const { url } = await startEndpoint(t, (token, response) => answer(token, response))
  const verifier = verifierFor([askedIssuer(url)])
  const bad: Readonly<Record<string, Answer>> = {
    'no JSON': says('<html>'),
    'a list': says('[]'),
    'a name twice': says(`{"active":false,"active":true}`),
    'a redirect': (_token, response) =>
      void response.writeHead(302, { location: `${url}/x` }).end(),
    'an error': (_token, response) => void response.writeHead(500).end('{}'),
    'our credentials refused': (_token, response) => void response.writeHead(401).end('{}'),
    'too much': says(JSON.stringify({ ...good, x: 'x'.repeat(300_000) })),
    'cut off': (_token, response) => void response.socket?.destroy(),
  }
  for (const [name, value] of Object.entries(bad)) {
    answer = value
    t.equal(await outcome(verifier, 'Bearer x'), 'issuer-unavailable', name)
  }
  answer = (token, response) => says(active(url))(token, response)
  t.match(await outcome(verifier, 'Bearer x'), { id: 'agent-1' })
})

test('the issuer sees the token, our credentials form-encoded, and no token of others', async (t) => {
  const key = await makeKey('ES256')
  const server = await startJwksServer(t, [key])
  const { url, asked } = await startEndpoint(t, (token, response) =>
    says(active(url))(token, response),
  )
  const verifier = verifierFor([askedIssuer(url), issuerOf(server.issuer)])
  t.match(await outcome(verifier, 'Bearer abc._~+/-=='), { issuer: url })
  t.equal(asked[0]?.token, 'abc._~+/-==')
  t.equal(
    Buffer.from(asked[0]?.authorization?.slice(6) ?? '', 'base64').toString(),
    'celosia:a+secret%3A+with+%26+signs',
  )
  const signed = await signToken(accessClaims(server.issuer), { key })
  t.match(await outcome(verifier, `Bearer ${signed}`), { issuer: server.issuer }, 'verified here')
  const others = [
    await signToken(accessClaims('https://nobody.example'), { key }),
    `${signed}x`,
    'eyJ',
    'eyJhbGciOiJub25lIn0.e30.',
    'abc"def',
    'a,b',
    '=',
    'é',
    'x'.repeat(8_193),
  ]
  for (const [index, token] of others.entries())
    t.match(await outcome(verifier, `Bearer ${token}`), /^token-/, `token ${index}`)
  t.equal(asked.length, 1, 'none of them was shown to anybody')
  const own = await signToken(accessClaims(url), { key })
  t.match(await outcome(verifier, `Bearer ${own}`), { issuer: url }, 'a JWT of the asked issuer')
  t.equal(asked.length, 2, 'is asked about, too')
})

test('questions under way have a limit', async (t) => {
  const waiting: (() => void)[] = []
  const { url } = await startEndpoint(t, (token, response) => {
    waiting.push(() => says(active(url))(token, response))
  })
  const verifier = verifierFor([askedIssuer(url)])
  const answers = Array.from({ length: 65 }, (_, index) => outcome(verifier, `Bearer t${index}`))
  t.equal(await answers[64], 'issuer-unavailable')
  while (waiting.length < 64) await new Promise((resolve) => setTimeout(resolve, 5))
  for (const go of waiting) go()
  t.match(
    await Promise.all(answers.slice(0, 64)),
    Array.from({ length: 64 }, () => ({ id: 'agent-1' })),
  )
})

test('without an issuer to ask, a token that nobody can read is refused', async (t) => {
  t.equal(
    await outcome(verifierFor([issuerOf('https://idp.example')]), 'Bearer x'),
    'token-invalid',
  )
})
