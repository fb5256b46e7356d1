/** Where keys come from: rotation, outages, and documents that are not what they should be. */
import { generateKeyPairSync, KeyObject, sign } from 'node:crypto'
import { rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { ServerResponse } from 'node:http'
import { join } from 'node:path'
import type { CryptoKey } from 'jose'
import { test } from 'tap'
import type { Test } from 'tap'
import { systemClock } from '../../src/core/clock.ts'
import type { Clock } from '../../src/core/clock.ts'
import { IssuerUnavailableError } from '../../src/identity/errors.ts'
import { createIssuerKeys } from '../../src/identity/issuer-keys.ts'
import { WAITING_MAX } from '../../src/identity/key-cache.ts'
import { REMOTE_KEY_TIMES } from '../../src/identity/key-source.ts'
import { KEYS_MAX } from '../../src/identity/key-set.ts'
import { createTokenVerifier } from '../../src/identity/token-verifier.ts'
import type { Issuer } from '../../src/rules/trust.ts'
import { listenOnLoopback, LOOPBACK } from '../helpers/free-port.ts'
import { startOidcProvider } from '../helpers/issuer.ts'
import { startJwksServer } from '../helpers/jwks-server.ts'
import { accessClaims, forgeToken, makeKey, signToken } from '../helpers/keys.ts'
import type { TestKey } from '../helpers/keys.ts'
import { issuerOf, outcome, verifierFor } from './trust.ts'

const DISCOVERY = { kind: 'discovery', metadata: 'openid' } as const
const { cooldownMs, freshMs, keptMs, refreshMs } = REMOTE_KEY_TIMES

/** A clock whose monotonic part can be put forward. */
function movableClock(): Clock & { readonly later: (ms: number) => void } {
  let ahead = 0
  return {
    nowMs: systemClock.nowMs,
    monotonicMs: () => systemClock.monotonicMs() + ahead,
    later: (ms) => void (ahead += ms),
  }
}

/** A token signed with RS256 by a key that jose may refuse to sign with. */
function signedByNode(issuer: string, kid: string, key: KeyObject): string {
  const header = JSON.stringify({ alg: 'RS256', kid, typ: 'at+jwt' })
  const claims = JSON.stringify(accessClaims(issuer))
  const input = forgeToken(header, claims).slice(0, -1)
  return forgeToken(header, claims, sign('sha256', Buffer.from(input), key))
}

function verifierOf(issuer: string, overrides: Partial<Issuer> = {}) {
  const clock = movableClock()
  const verifier = verifierFor([issuerOf(issuer, overrides)], clock)
  return {
    verifier,
    later: clock.later,
    ask: async (key: TestKey) =>
      outcome(verifier, `Bearer ${await signToken(accessClaims(issuer), { key })}`),
  }
}

test('a key that was rotated in is waited for, for a short time and with one request', async (t) => {
  const [old, fresh] = [await makeKey('ES256'), await makeKey('ES256')]
  const server = await startJwksServer(t, [old])
  const { verifier, ask } = verifierOf(server.issuer)
  await verifier.prepare()
  t.match(await ask(old), { id: 'agent-1' })
  server.setKeys([fresh, old])
  const answers = await Promise.all(Array.from({ length: 50 }, () => ask(fresh)))
  t.ok(
    answers.every((answer) => typeof answer !== 'string'),
    'no token is refused',
  )
  t.match(await ask(old), { id: 'agent-1' })
  t.equal(server.count(), 2, 'asked for once')
})

test('a fetch that began before the token came does not decide about its key', async (t) => {
  const [old, fresh] = [await makeKey('ES256'), await makeKey('ES256')]
  const server = await startJwksServer(t, [old])
  const { verifier, ask, later } = verifierOf(server.issuer)
  await verifier.prepare()
  later(refreshMs)
  await server.setMode('slow', { slowMs: 300 })
  const begins = ask(old)
  await new Promise((resolve) => setTimeout(resolve, 100))
  const late = ask(fresh)
  await begins
  server.setKeys([fresh])
  t.match(await late, { id: 'agent-1' })
})

test('a key that the issuer does not publish is 401, and costs one request for all', async (t) => {
  const good = await makeKey('ES256')
  const server = await startJwksServer(t, [good])
  const { verifier, ask } = verifierOf(server.issuer)
  await verifier.prepare()
  const unknown = await Promise.all(Array.from({ length: 50 }, () => makeKey('ES256')))
  const many = await Promise.all(unknown.map(ask))
  t.ok(many.every((answer) => answer === 'token-invalid'))
  t.equal(server.count(), 2)
})

test('tokens with unknown keys wait up to a limit, and those with known keys do not', async (t) => {
  const good = await makeKey('ES256')
  const server = await startJwksServer(t, [good])
  const { verifier, ask } = verifierOf(server.issuer)
  await verifier.prepare()
  await server.setMode('hang')
  const odd = await makeKey('ES256')
  const token = await signToken(accessClaims(server.issuer), { key: odd })
  const waiting = Array.from({ length: WAITING_MAX }, () => outcome(verifier, `Bearer ${token}`))
  await new Promise((resolve) => setTimeout(resolve, 20))
  t.equal(await outcome(verifier, `Bearer ${token}`), 'issuer-unavailable', 'one too many')
  t.match(await ask(good), { id: 'agent-1' })
  const answers = new Set(await Promise.all(waiting))
  t.same([...answers], ['issuer-unavailable'], 'never 401 while the issuer does not answer')
})

test('a key that was dropped is believed until the set is fetched anew', async (t) => {
  const [old, fresh] = [await makeKey('ES256'), await makeKey('ES256')]
  const server = await startJwksServer(t, [old])
  const { verifier, ask, later } = verifierOf(server.issuer)
  await verifier.prepare()
  server.setKeys([fresh])
  t.match(await ask(old), { id: 'agent-1' })
  later(freshMs)
  t.equal(await ask(old), 'token-invalid')
  t.match(await ask(fresh), { id: 'agent-1' })
})

test('keys that grow old are fetched in the background', async (t) => {
  const [old, fresh] = [await makeKey('ES256'), await makeKey('ES256')]
  const server = await startJwksServer(t, [old])
  const { verifier, ask, later } = verifierOf(server.issuer)
  await verifier.prepare()
  server.setKeys([fresh])
  later(refreshMs)
  t.match(await ask(old), { id: 'agent-1' }, 'this one does not wait')
  while (server.count() < 2) await new Promise((resolve) => setTimeout(resolve, 5))
  await new Promise((resolve) => setTimeout(resolve, 50))
  t.equal(await ask(old), 'token-invalid')
})

test('while the issuer is away the last good keys hold for an hour, then it is 503 and never 401', async (t) => {
  const key = await makeKey('ES256')
  const server = await startJwksServer(t, [key])
  const { verifier, ask, later } = verifierOf(server.issuer)
  await verifier.prepare()
  for (const mode of ['error', 'garbage', 'down'] as const) {
    await server.setMode(mode)
    later(freshMs)
    t.match(await ask(key), { id: 'agent-1' }, mode)
  }
  later(keptMs)
  t.equal(await ask(key), 'issuer-unavailable')
  await t.rejects(verifier.prepare(), IssuerUnavailableError)
  await server.setMode('ok')
  t.equal(await ask(key), 'issuer-unavailable', 'it is not asked again at once')
  later(cooldownMs)
  t.match(await ask(key), { id: 'agent-1' }, 'and recovers by itself')
})

test('an issuer that is away or odd is 503, and believed again when it is back', async (t) => {
  const key = await makeKey('ES256')
  const server = await startJwksServer(t, [key])
  for (const mode of ['down', 'reset', 'error', 'garbage', 'huge', 'hang'] as const) {
    const { verifier, ask, later } = verifierOf(server.issuer)
    await server.setMode(mode)
    const startMs = performance.now()
    await t.rejects(verifier.prepare(), IssuerUnavailableError, `prepare: ${mode}`)
    t.equal(await ask(key), 'issuer-unavailable', mode)
    t.ok(performance.now() - startMs < 6_000, `${mode}: in bounded time`)
    await server.setMode('ok')
    later(cooldownMs)
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
  const { ask } = verifierOf(server.issuer, { keys: DISCOVERY })
  const answers = await Promise.all(Array.from({ length: 20 }, () => ask(key)))
  t.ok(answers.every((answer) => typeof answer !== 'string'))
  t.equal(server.count(), 1)
  t.equal(server.count('/.well-known/openid-configuration'), 1)
})

test('discovery that fails is tried again', async (t) => {
  const key = await makeKey('ES256')
  const server = await startJwksServer(t, [key])
  const { ask, later } = verifierOf(server.issuer, { keys: DISCOVERY })
  for (const mode of ['error', 'garbage', 'huge', 'down'] as const) {
    await server.setMode(mode)
    later(cooldownMs)
    t.equal(await ask(key), 'issuer-unavailable', mode)
  }
  await server.setMode('ok')
  later(cooldownMs)
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
    const discovered = verifierOf(origin, { keys: DISCOVERY })
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
    const { ask } = verifierOf(origin, { keys: DISCOVERY })
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

test('keys from a file are read again when it changes, and the last good ones hold meanwhile', async (t) => {
  const [key, other] = [await makeKey('ES256'), await makeKey('ES256')]
  const file = join(t.testdir(), 'jwks.json')
  const issuer = 'https://idp.example'
  const { verifier, ask, later } = verifierOf(issuer, { keys: { kind: 'file', file } })
  const write = (text: string) => {
    writeFileSync(file, text)
    later(1_000)
  }
  await t.rejects(verifier.prepare(), IssuerUnavailableError, 'no file')
  t.equal(await ask(key), 'issuer-unavailable')
  for (const text of ['', '{', '[]', '{}', '{"keys":7}', '{"keys":[],"keys":[]}']) {
    write(text)
    t.equal(await ask(key), 'issuer-unavailable', `"${text}"`)
  }
  write(JSON.stringify({ keys: [key.publicJwk] }))
  t.match(await ask(key), { id: 'agent-1' })
  t.equal(await ask(other), 'token-invalid')
  write('{')
  t.match(await ask(key), { id: 'agent-1' }, 'half a file changes nothing')
  write(JSON.stringify({ keys: [other.publicJwk] }))
  t.match(await ask(other), { id: 'agent-1' })
  t.equal(await ask(key), 'token-invalid', 'dropped')
  rmSync(file)
  later(1_000)
  t.match(await ask(other), { id: 'agent-1' })
  later(keptMs)
  t.equal(await ask(other), 'issuer-unavailable')
})

test('a weak key, one for another use and a private one verify nothing, and are asked for once', async (t) => {
  const good = await makeKey('RS256')
  const weak = generateKeyPairSync('rsa', { modulusLength: 1_024 })
  const small = generateKeyPairSync('rsa', { modulusLength: 2_048, publicExponent: 3 })
  const jwkOf = ({ publicKey }: { readonly publicKey: KeyObject }) =>
    publicKey.export({ format: 'jwk' })
  const sets: Readonly<Record<string, readonly [published: object, signing?: KeyObject]>> = {
    'RSA with 1,024 bits': [jwkOf(weak), weak.privateKey],
    'a small exponent': [jwkOf(small), small.privateKey],
    'for encryption': [{ ...good.publicJwk, use: 'enc' }],
    'for another operation': [{ ...good.publicJwk, use: undefined, key_ops: ['encrypt'] }],
    'a private key': [good.privateJwk],
    'for another algorithm': [{ ...good.publicJwk, alg: 'PS256' }],
    'of another kind': [{ ...good.publicJwk, kty: 'EC' }],
    'a modulus of zeros': [{ ...good.publicJwk, n: 'AAAA' }],
    'without a modulus': [{ ...good.publicJwk, n: undefined }],
  }
  const ownKey = KeyObject.from(good.signingKey as CryptoKey)
  for (const [name, [published, signing = ownKey]] of Object.entries(sets)) {
    const set = { keys: [{ alg: 'RS256', ...published, kid: good.kid }] }
    const { origin, seen } = await startServer(t, () => ({ '/jwks': json(set) }))
    const { verifier } = verifierOf(origin, { algorithms: ['RS256'] })
    const bearer = `Bearer ${signedByNode(origin, good.kid, signing)}`
    t.equal(await outcome(verifier, bearer), 'token-invalid', name)
    t.equal(await outcome(verifier, bearer), 'token-invalid', `${name}, again`)
    t.equal(seen.length, 1, `${name}: one request`)
  }
  const { origin } = await startServer(t, () => ({ '/jwks': json({ keys: [good.publicJwk] }) }))
  const { verifier } = verifierOf(origin, { algorithms: ['RS256'] })
  const bearer = `Bearer ${signedByNode(origin, good.kid, ownKey)}`
  t.match(await outcome(verifier, bearer), { id: 'agent-1' }, 'a good one of the same make')
})

test('a set of more than a hundred keys is none', async (t) => {
  const key = await makeKey('ES256')
  const many = { keys: Array(KEYS_MAX + 1).fill(key.publicJwk) }
  const { origin } = await startServer(t, () => ({ '/jwks': json(many) }))
  t.equal(await verifierOf(origin).ask(key), 'issuer-unavailable')
})

test('an issuer that is away when the policy is reloaded does not take its keys along', async (t) => {
  const key = await makeKey('ES256')
  const server = await startJwksServer(t, [key])
  const issuers = [issuerOf(server.issuer)]
  const keys = createIssuerKeys(systemClock)
  const policy = { issuers, assurance: new Map(), training: undefined, dpop: undefined }
  const options = { policy, keys, clock: systemClock }
  await createTokenVerifier(options).prepare()
  await server.setMode('down')
  keys.retain(issuers)
  const bearer = `Bearer ${await signToken(accessClaims(server.issuer), { key })}`
  t.match(await outcome(createTokenVerifier(options), bearer), { id: 'agent-1' })
  keys.retain([])
  t.equal(await outcome(createTokenVerifier(options), bearer), 'issuer-unavailable')
})

test('several issuers: each token is held against its own', async (t) => {
  const [keyA, keyB] = [await makeKey('ES256'), await makeKey('RS256')]
  const [a, b] = [await startJwksServer(t, [keyA]), await startJwksServer(t, [keyB])]
  const verifier = verifierFor([
    issuerOf(a.issuer),
    issuerOf(b.issuer, { algorithms: ['RS256'], audience: 'desk' }),
  ])
  const ask = async (claims: Record<string, unknown>, key: TestKey) =>
    outcome(verifier, `Bearer ${await signToken(claims, { key })}`)
  t.match(await ask(accessClaims(a.issuer), keyA), { issuer: a.issuer })
  t.match(await ask(accessClaims(b.issuer, { aud: 'desk' }), keyB), { issuer: b.issuer })
  t.equal(await ask(accessClaims(b.issuer), keyB), 'token-invalid', "the other's audience")
  const swapped = [await ask(accessClaims(a.issuer), keyB), await ask(accessClaims(b.issuer), keyA)]
  t.same(swapped, ['token-invalid', 'token-invalid'])
  const unknown = accessClaims('https://evil.example')
  t.equal(await ask(unknown, keyA), 'token-invalid', 'an issuer that nobody named')
})

test('tokens of a real authorization server, through discovery and a rotation', async (t) => {
  const oidc = await startOidcProvider(t)
  const { verifier } = verifierOf(oidc.issuer, { keys: DISCOVERY, typ: 'at+jwt' })
  await verifier.prepare()
  const login = async () =>
    `Bearer ${await oidc.login({ subject: 'agent-7', roles: ['agent', 'lead'] })}`
  const before = await login()
  const claimedRoles = { names: ['agent', 'lead'] }
  const subject = { id: 'agent-7', issuer: oidc.issuer, claimedRoles }
  t.match(await outcome(verifier, before), subject)
  await oidc.rotate()
  const after = await login()
  t.match(await outcome(verifier, after), subject, 'a new key')
  t.match(await outcome(verifier, before), subject, 'and the old one holds')
  t.equal(oidc.jwksCount(), 2)
  await oidc.rotate({ dropOld: true })
  t.match(await outcome(verifier, await login()), subject, 'a third one')
  t.equal(await outcome(verifier, before), 'token-invalid', 'what it dropped is not believed')
})
