/** Where keys come from: rotation, outages, and documents that are not what they should be. */
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { ServerResponse } from 'node:http'
import { join } from 'node:path'
import { mock } from 'node:test'
import { test } from 'tap'
import type { Test } from 'tap'
import { systemClock } from '../../src/core/clock.ts'
import { IssuerUnavailableError } from '../../src/identity/errors.ts'
import { createTokenVerifier } from '../../src/identity/token-verifier.ts'
import type { Issuer } from '../../src/rules/compiled-policy.ts'
import { listenOnLoopback, LOOPBACK } from '../helpers/free-port.ts'
import { startOidcProvider } from '../helpers/issuer.ts'
import { startJwksServer } from '../helpers/jwks-server.ts'
import { accessClaims, makeKey, signToken } from '../helpers/keys.ts'
import type { TestKey } from '../helpers/keys.ts'
import { issuerOf, outcome } from './trust.ts'

const COOLDOWN_MS = 30_000
const CACHE_MS = 600_000

/** Lets the wall clock run ahead; timers stay as they are. */
function later(t: Test, ms: number): void {
  mock.timers.enable({ apis: ['Date'], now: systemClock.nowMs() + ms })
  t.teardown(() => mock.timers.reset())
}

function verifierOf(issuer: string, overrides: Partial<Issuer> = {}) {
  const verifier = createTokenVerifier([issuerOf(issuer, overrides)], systemClock)
  return {
    verifier,
    ask: async (key: TestKey) =>
      outcome(verifier, `Bearer ${await signToken(accessClaims(issuer), { key })}`),
  }
}

test('a key that was rotated in is 503 while no one may ask for it, and then known', async (t) => {
  const [old, fresh, never] = [
    await makeKey('ES256'),
    await makeKey('ES256'),
    await makeKey('ES256'),
  ]
  const server = await startJwksServer(t, [old])
  const { verifier, ask } = verifierOf(server.issuer)
  await verifier.prepare()
  t.match(await ask(old), { id: 'agent-1' })
  server.setKeys([fresh, old])
  t.equal(await ask(fresh), 'issuer-unavailable', 'not yet')
  t.equal(await ask(never), 'issuer-unavailable', 'it could be one, too')
  t.equal(server.count(), 1, 'nobody was asked')
  later(t, COOLDOWN_MS + 1)
  t.match(await ask(fresh), { id: 'agent-1' }, 'asked for once')
  t.match(await ask(old), { id: 'agent-1' })
  t.equal(server.count(), 2)
})

test('a key that the issuer does not publish is 401 once it was asked for', async (t) => {
  const [good, never] = [await makeKey('ES256'), await makeKey('ES256')]
  const server = await startJwksServer(t, [good])
  const { verifier, ask } = verifierOf(server.issuer)
  t.equal(await ask(never), 'token-invalid', 'the first token of all has the keys fetched')
  await verifier.prepare()
  later(t, COOLDOWN_MS + 1)
  const before = server.count()
  t.equal(await ask(never), 'token-invalid')
  t.equal(server.count(), before + 1)
  const many = await Promise.all(
    Array.from({ length: 50 }, async () => ask(await makeKey('ES256'))),
  )
  t.ok(many.every((answer) => answer === 'issuer-unavailable'))
  t.equal(server.count(), before + 1, 'fifty unknown ids cause no request')
})

test('a key that was dropped is believed until the cache ends', async (t) => {
  const [old, fresh] = [await makeKey('ES256'), await makeKey('ES256')]
  const server = await startJwksServer(t, [old])
  const { verifier, ask } = verifierOf(server.issuer)
  await verifier.prepare()
  server.setKeys([fresh])
  t.match(await ask(old), { id: 'agent-1' })
  later(t, CACHE_MS + 1)
  t.equal(await ask(old), 'token-invalid')
  t.match(await ask(fresh), { id: 'agent-1' })
})

test('an issuer that is away or odd is 503, and believed again when it is back', async (t) => {
  const key = await makeKey('ES256')
  const server = await startJwksServer(t, [key])
  for (const mode of ['down', 'reset', 'error', 'garbage', 'huge', 'hang'] as const) {
    const { verifier, ask } = verifierOf(server.issuer)
    await server.setMode(mode)
    const startMs = performance.now()
    await t.rejects(verifier.prepare(), IssuerUnavailableError, `prepare: ${mode}`)
    t.equal(await ask(key), 'issuer-unavailable', mode)
    t.ok(performance.now() - startMs < 6_000, `${mode}: in bounded time`)
    await server.setMode('ok')
    t.match(await ask(key), { id: 'agent-1' }, `after ${mode}`)
    await server.setMode(mode === 'hang' ? 'down' : mode)
    t.match(await ask(key), { id: 'agent-1' }, `known keys hold while the issuer is away (${mode})`)
    await server.setMode('ok')
  }
  const { ask } = verifierOf(server.issuer)
  await server.setMode('empty')
  t.equal(await ask(key), 'token-invalid', 'an issuer without keys has signed nothing')
  await server.setMode('slow', { slowMs: 200 })
  t.match(await verifierOf(server.issuer).ask(key), { id: 'agent-1' }, 'slow is not away')
})

test('many tokens at once have the keys fetched once', async (t) => {
  const key = await makeKey('ES256')
  const server = await startJwksServer(t, [key])
  await server.setMode('slow', { slowMs: 100 })
  const { ask } = verifierOf(server.issuer, { keys: { kind: 'discovery' } })
  const answers = await Promise.all(Array.from({ length: 20 }, () => ask(key)))
  t.ok(answers.every((answer) => typeof answer !== 'string'))
  t.equal(server.count(), 1)
  t.equal(server.count('/.well-known/openid-configuration'), 1)
})

test('discovery that fails is tried again', async (t) => {
  const key = await makeKey('ES256')
  const server = await startJwksServer(t, [key])
  const { ask } = verifierOf(server.issuer, { keys: { kind: 'discovery' } })
  for (const mode of ['error', 'garbage', 'huge', 'down'] as const) {
    await server.setMode(mode)
    t.equal(await ask(key), 'issuer-unavailable', mode)
  }
  await server.setMode('ok')
  t.match(await ask(key), { id: 'agent-1' })
})

/** A server that answers each path as told. */
async function startServer(
  t: Test,
  answers: (origin: string) => Readonly<Record<string, (response: ServerResponse) => void>>,
) {
  const seen: string[] = []
  const server = createServer((request, response) => {
    const path = request.url ?? ''
    seen.push(path)
    const answer = answers(origin)[path]
    if (answer === undefined) response.writeHead(404).end()
    else answer(response)
  })
  const origin = `http://${LOOPBACK}:${await listenOnLoopback(server)}`
  t.teardown(() => server.closeAllConnections())
  t.teardown(() => server.close())
  return { origin, seen }
}

const json = (value: unknown) => (response: ServerResponse) =>
  void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value))

test('redirects of an issuer are not followed', async (t) => {
  const key = await makeKey('ES256')
  const keys = json({ keys: [key.publicJwk] })
  for (const status of [301, 302, 303, 307, 308]) {
    const { origin, seen } = await startServer(t, (own) => ({
      '/jwks': (response) => void response.writeHead(status, { location: `${own}/other` }).end(),
      '/.well-known/openid-configuration': (response) =>
        void response.writeHead(status, { location: `${own}/discovered` }).end(),
      '/other': keys,
      '/discovered': json({ issuer: own, jwks_uri: `${own}/other` }),
    }))
    t.equal(await verifierOf(origin).ask(key), 'issuer-unavailable', `${status}`)
    const discovered = verifierOf(origin, { keys: { kind: 'discovery' } })
    t.equal(await discovered.ask(key), 'issuer-unavailable', `${status} of discovery`)
    t.same(seen, ['/jwks', '/.well-known/openid-configuration'], 'only what was asked for')
  }
})

test('a discovery document must name the very issuer, and keys over as good a connection', async (t) => {
  const key = await makeKey('ES256')
  const documents: readonly ((own: string) => unknown)[] = [
    () => ({ issuer: 'https://evil.example', jwks_uri: 'https://evil.example/jwks' }),
    (own) => ({ issuer: `${own}/`, jwks_uri: `${own}/jwks` }),
    (own) => ({ jwks_uri: `${own}/jwks` }),
    (own) => ({ issuer: own }),
    (own) => ({ issuer: own, jwks_uri: 7 }),
    (own) => ({ issuer: own, jwks_uri: '/jwks' }),
    (own) => ({ issuer: own, jwks_uri: 'file:///etc/passwd' }),
    (own) => ({
      issuer: own,
      jwks_uri: `data:application/json,${JSON.stringify({ keys: [key.publicJwk] })}`,
    }),
    () => [],
    () => null,
  ]
  for (const [index, document] of documents.entries()) {
    const { origin, seen } = await startServer(t, (own) => ({
      '/.well-known/openid-configuration': json(document(own)),
      '/jwks': json({ keys: [key.publicJwk] }),
    }))
    const { ask } = verifierOf(origin, { keys: { kind: 'discovery' } })
    t.equal(await ask(key), 'issuer-unavailable', `document ${index}`)
    t.notOk(seen.includes('/jwks'), 'no keys were fetched')
  }
})

test('a JWKS with odd keys in it gives no key for nothing', async (t) => {
  const [key, other] = [await makeKey('ES256'), await makeKey('ES256')]
  const secret = await makeKey('HS256')
  const sets: Readonly<Record<string, unknown>> = {
    'two keys of one id': { keys: [{ ...other.publicJwk, kid: key.kid }, key.publicJwk] },
    'a key for encryption': { keys: [{ ...key.publicJwk, use: 'enc' }] },
    'a key for signing only': { keys: [{ ...key.publicJwk, key_ops: ['sign'] }] },
    'a secret under the id': { keys: [{ ...secret.publicJwk, kid: key.kid }] },
    'a point off the curve': { keys: [{ ...key.publicJwk, x: other.publicJwk.x }] },
    'no list': { keys: {} },
    nothing: {},
  }
  for (const [name, set] of Object.entries(sets)) {
    const { origin } = await startServer(t, () => ({ '/jwks': json(set) }))
    const answer = await verifierOf(origin).ask(key)
    t.match(answer, /^(token-invalid|issuer-unavailable)$/, name)
  }
})

test('keys from a file are read at the first token, and again until it can be read', async (t) => {
  const [key, other] = [await makeKey('ES256'), await makeKey('ES256')]
  const file = join(t.testdir(), 'jwks.json')
  const { verifier, ask } = verifierOf('https://idp.example', { keys: { kind: 'file', file } })
  await t.rejects(verifier.prepare(), IssuerUnavailableError, 'no file')
  t.equal(await ask(key), 'issuer-unavailable')
  for (const text of ['', '{', '[]', '{}', '{"keys":7}']) {
    writeFileSync(file, text)
    t.equal(await ask(key), 'issuer-unavailable', `"${text}"`)
  }
  writeFileSync(file, JSON.stringify({ keys: [key.publicJwk] }))
  t.match(await ask(key), { id: 'agent-1' })
  t.equal(await ask(other), 'token-invalid')
})

test('several issuers: each token is held against its own', async (t) => {
  const [keyA, keyB] = [await makeKey('ES256'), await makeKey('RS256')]
  const [a, b] = [await startJwksServer(t, [keyA]), await startJwksServer(t, [keyB])]
  const verifier = createTokenVerifier(
    [issuerOf(a.issuer), issuerOf(b.issuer, { algorithms: ['RS256'], audience: 'desk' })],
    systemClock,
  )
  const ask = async (claims: Record<string, unknown>, key: TestKey) =>
    outcome(verifier, `Bearer ${await signToken(claims, { key })}`)
  t.match(await ask(accessClaims(a.issuer), keyA), { issuer: a.issuer })
  t.match(await ask(accessClaims(b.issuer, { aud: 'desk' }), keyB), { issuer: b.issuer })
  t.equal(await ask(accessClaims(b.issuer), keyB), 'token-invalid', "the other's audience")
  const swapped = [await ask(accessClaims(a.issuer), keyB), await ask(accessClaims(b.issuer), keyA)]
  for (const answer of swapped) t.match(answer, /^(token-invalid|issuer-unavailable)$/)
  const unknown = accessClaims('https://evil.example')
  t.equal(await ask(unknown, keyA), 'token-invalid', 'an issuer that nobody named')
})

test('tokens of a real authorization server, through discovery and a rotation', async (t) => {
  const oidc = await startOidcProvider(t)
  const { verifier } = verifierOf(oidc.issuer, { keys: { kind: 'discovery' } })
  await verifier.prepare()
  const login = async () =>
    `Bearer ${await oidc.login({ subject: 'agent-7', roles: ['agent', 'lead'] })}`
  const before = await login()
  const subject = { id: 'agent-7', issuer: oidc.issuer, claimedRoles: ['agent', 'lead'] }
  t.match(await outcome(verifier, before), subject)
  await oidc.rotate()
  const after = await login()
  t.equal(await outcome(verifier, after), 'issuer-unavailable', 'within the cool-down')
  later(t, COOLDOWN_MS + 1)
  t.match(await outcome(verifier, after), subject, 'then at once')
  t.match(await outcome(verifier, before), subject, 'and the old key holds')
  t.equal(oidc.jwksCount(), 2)
})
