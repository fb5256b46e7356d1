/** Tokens that end before their time: by command, by logout at a real authorization server, by a signal; here and there. */
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { decodeJwt } from 'jose'
import { test } from 'tap'
import type { Test } from 'tap'
import type { PolicyDocument } from '../../src/rules/policy/document.ts'
import { createCanaries } from '../helpers/canaries.ts'
import { shippedPolicy, startGatewayProcess, type GatewayProcess } from '../helpers/gateway.ts'
import { userBody } from '../helpers/helpdesk-answers.ts'
import { startOidcProvider } from '../helpers/issuer.ts'
import { startJwksServer } from '../helpers/jwks-server.ts'
import { accessClaims, makeKey, signToken } from '../helpers/keys.ts'
import { requirePeer } from '../helpers/peers.ts'
import { runHere } from '../helpers/program.ts'
import { header, request, type RawExchange } from '../helpers/raw-client.ts'
import { startRedis } from '../helpers/redis.ts'
import { dripAnswer, jsonAnswer } from '../helpers/upstream-answers.ts'
import { startRawUpstream } from '../helpers/upstream.ts'
import { startWorld } from '../helpers/world.ts'

const PATH = '/api/v2/users/7'
/** A revocation holds within two seconds; the rest is for a machine that runs other tests beside. */
const HOLDS_WITHIN_MS = 20_000
const LOGOUT_PATH = '/celosia/backchannel-logout'
const SIGNALS_PATH = '/celosia/shared-signals'

/** The shipped policy with revocation, and what else is told. */
function revoking(policy: PolicyDocument, more: object = {}, logout?: object): PolicyDocument {
  const [issuer] = policy.identity.issuers
  const issuers = [
    { ...issuer, ...(logout && { logout }) },
  ] as PolicyDocument['identity']['issuers']
  return { ...policy, identity: { ...policy.identity, issuers, revocation: { ...more } } }
}

/** The status once it is another than 200, or 200 when the time is up. */
async function statusAfter(ask: () => Promise<number>): Promise<number> {
  const deadline = performance.now() + HOLDS_WITHIN_MS
  let status = await ask()
  while (status === 200 && performance.now() < deadline) {
    await sleep(20)
    status = await ask()
  }
  return status
}

/** What comes back, asked again while the gateway has not been let near the log for too long by a busy machine. */
async function answerOf(ask: () => Promise<RawExchange>): Promise<RawExchange> {
  const deadline = performance.now() + HOLDS_WITHIN_MS
  let answer = await ask()
  while (answer.status === 503 && performance.now() < deadline) {
    await sleep(50)
    answer = await ask()
  }
  return answer
}

async function lastAccess(gateway: GatewayProcess) {
  return (await gateway.records()).findLast((event) => event['http_request'] !== undefined)
}

test('celosia revoke ends a token, a session, all of a subject; the rest goes on', async (t) => {
  const world = await startWorld(t, { change: (policy) => revoking(policy) })
  const { gateway, upstream, canaries } = world
  upstream.answer(jsonAnswer(userBody(canaries)))
  const status = async (token: string) =>
    (await answerOf(() => request(gateway.port, { path: PATH, token }))).status
  const store = ['--config', gateway.policyFile, '--journal', gateway.journal]
  const revoke = (...args: readonly string[]) =>
    runHere(['revoke', ...args, ...store], { env: gateway.environment })
  const kinds = [
    ['token', 'jti', 'j-1', { jti: 'j-1' }],
    ['session', 'sid', 's-1', { sid: 's-1' }],
    ['subject', 'sub', 'ann', { sub: 'ann' }],
  ] as const
  for (const [kind, claim, value, claims] of kinds) {
    const [token, other] = [
      await world.token({ claims }),
      await world.token({ claims: { sub: 'bob' } }),
    ]
    t.equal(await status(token), 200)
    const { code, stdout, stderr } = await revoke(`--${kind}`, value)
    t.equal(code, 0, stderr)
    t.match(stdout, `revoked: ${claim} ${value} of ${world.issuer.issuer}`)
    t.equal(await statusAfter(() => status(token)), 401, kind)
    t.equal(await status(other), 200, 'somebody else')
  }
  const token = await world.token({ claims: { jti: 'j-1' } })
  const refused = await answerOf(() => request(gateway.port, { path: PATH, token }))
  t.match(header(refused, 'www-authenticate'), /error="invalid_token"/)
  t.match(await lastAccess(gateway), {
    actor: { user: { uid: 'agent-1' } },
    unmapped: { celosia: { decision: 'deny', reasons: ['token-revoked'] } },
  })
  const kindsOnRecord = async () =>
    (await gateway.records())
      .filter((event) => event['class_uid'] === 3002)
      .map((event) => (event['unmapped'] as { celosia: { kind: string } }).celosia.kind)
  await assertEventually(t, async () => (await kindsOnRecord()).length === 3)
  t.same(await kindsOnRecord(), ['token', 'session', 'subject'])
  t.same(await gateway.process.stop(), { code: 0, signal: null })
  const again = await startGatewayProcess(t, {
    policy: revoking(shippedPolicy()),
    upstreamUrl: upstream.url,
    issuer: world.issuer.issuer,
    store: { journal: gateway.journal },
  })
  t.equal(
    (await answerOf(() => request(again.port, { path: PATH, token }))).status,
    401,
    'it outlives the process',
  )
})

test('a command that would revoke nothing says so', async (t) => {
  const world = await startWorld(t, { change: (policy) => revoking(policy) })
  const { gateway } = world
  const env = gateway.environment
  const store = ['--config', gateway.policyFile, '--journal', gateway.journal]
  const run = (...args: readonly string[]) => runHere(['revoke', ...args, ...store], { env })
  for (const [args, says] of [
    [[], /one of --token, --session and --subject/],
    [['--token', 'a', '--session', 'b'], /one of --token/],
    [['--token', ''], /--token is needed/],
    [['--token', 'x'.repeat(513)], /at most 512/],
    [['--token', 'a', '--issuer', 'https://other.example'], /--issuer is one of/],
  ] as const) {
    const { code, stderr } = await run(...args)
    t.equal(code, 2, args.join(' ').slice(0, 40))
    t.match(stderr, says)
  }
  await gateway.reload(shippedPolicy())
  const { code, stderr } = await run('--token', 'a')
  t.equal(code, 2)
  t.match(stderr, /identity\.revocation/)
  const { OIDC_ISSUER: _, ...unset } = env
  await gateway.reload(revoking(shippedPolicy()))
  const open = await runHere(['revoke', '--token', 'a', ...store], {
    env: { ...unset, OIDC_ISSUER: '' },
  })
  t.match(open, { code: 2, stderr: /not filled in/ })
})

test('logout at a real authorization server ends the session here', async (t) => {
  const [upstream, issuer] = await Promise.all([startRawUpstream(t), startOidcProvider(t)])
  upstream.answer(jsonAnswer(userBody(createCanaries())))
  const gateway = await startGatewayProcess(t, {
    policy: revoking(shippedPolicy(), {}, { audience: 'agent-desk' }),
    upstreamUrl: upstream.url,
    issuer: issuer.issuer,
  })
  const status = async (token: string) =>
    (await answerOf(() => request(gateway.port, { path: PATH, token }))).status
  for (const withSession of [true, false]) {
    issuer.logoutTo(`${gateway.url}${LOGOUT_PATH}`, { withSession })
    const ann = await issuer.login({ subject: 'ann', roles: ['agent'] })
    const bob = await issuer.login({ subject: 'bob', roles: ['agent'] })
    t.equal(decodeJwt(ann)['sid'] !== undefined, withSession)
    t.same([await status(ann), await status(bob)], [200, 200])
    await issuer.logout('ann')
    t.same([await status(ann), await status(bob)], [401, 200], 'at once, and only she')
    await sleep(1_100)
    const again = await issuer.login({ subject: 'ann', roles: ['agent'] })
    t.equal(await status(again), 200, 'a new login is another session')
  }
  const first = (await gateway.records()).find((event) => event['class_uid'] === 3002)
  t.match(first, {
    session: { issuer: issuer.issuer },
    unmapped: { celosia: { kind: 'session', source: 'back-channel-logout' } },
  })
})

test('what reaches the receivers and proves nothing revokes nothing', async (t) => {
  const world = await startWorld(t, {
    change: (policy) => revoking(policy, {}, { audience: 'agent-desk' }),
  })
  const { gateway, upstream, key, issuer } = world
  upstream.answer(jsonAnswer(userBody(world.canaries)))
  const token = await world.token({ claims: { sid: 's-1' } })
  const form = 'application/x-www-form-urlencoded'
  const logout = await signToken(
    {
      ...accessClaims(issuer.issuer, { aud: 'agent-desk', sid: 's-1' }),
      events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
    },
    { key: { ...(await makeKey('ES256')), kid: key.kid }, header: { typ: 'logout+jwt' } },
  )
  const post = (path: string, type: string, body: string, method = 'POST') =>
    request(gateway.port, { method, path, headers: [['content-type', type]], body })
  const rows: readonly (readonly [string, number, Promise<{ readonly status: number }>])[] = [
    ['a forged logout', 400, post(LOGOUT_PATH, form, `logout_token=${logout}`)],
    ['no token', 400, post(LOGOUT_PATH, form, 'x=1')],
    ['two tokens', 400, post(LOGOUT_PATH, form, 'logout_token=a&logout_token=b')],
    ['another type', 415, post(LOGOUT_PATH, 'text/plain', `logout_token=${logout}`)],
    ['too much', 413, post(LOGOUT_PATH, form, `logout_token=${'x'.repeat(20_000)}`)],
    ['a parameter', 401, post(`${LOGOUT_PATH}?x=1`, form, `logout_token=${logout}`)],
    ['a slash more', 401, post(`${LOGOUT_PATH}/`, form, `logout_token=${logout}`)],
    ['another case', 401, post(LOGOUT_PATH.toUpperCase(), form, `logout_token=${logout}`)],
    ['another method', 401, post(LOGOUT_PATH, form, `logout_token=${logout}`, 'PUT')],
    ['no transmitters, no receiver', 401, post(SIGNALS_PATH, 'application/secevent+jwt', logout)],
  ]
  for (const [name, status, answer] of rows) t.equal((await answer).status, status, name)
  t.equal((await answerOf(() => request(gateway.port, { path: PATH, token }))).status, 200)
  t.equal(upstream.requests.length, 1, 'and none of it went upstream')
})

test('a security event of a transmitter ends the sessions of a user', async (t) => {
  const key = await makeKey('ES256')
  const transmitter = await startJwksServer(t, [key])
  const audience = 'https://gateway.example'
  const world = await startWorld(t, {
    change: (policy) =>
      revoking(policy, {
        transmitters: [
          {
            issuer: transmitter.issuer,
            audience,
            algorithms: ['ES256'],
            jwks: { url: transmitter.jwksUrl },
            authorization: 'Bearer push-secret',
          },
        ],
      }),
  })
  const { gateway, upstream, issuer } = world
  upstream.answer(jsonAnswer(userBody(world.canaries)))
  const token = await world.token({ subject: 'ann' })
  const nowS = Math.floor(Date.now() / 1_000)
  const push = async (claims: object, authorization = 'Bearer push-secret') => {
    const all = {
      iss: transmitter.issuer,
      aud: audience,
      iat: nowS,
      jti: crypto.randomUUID(),
      sub_id: { format: 'iss_sub', iss: issuer.issuer, sub: 'ann' },
      events: { 'https://schemas.openid.net/secevent/caep/event-type/session-revoked': {} },
      ...claims,
    }
    return request(gateway.port, {
      method: 'POST',
      path: SIGNALS_PATH,
      headers: [
        ['content-type', 'application/secevent+jwt'],
        ['authorization', authorization],
      ],
      body: await signToken(all, { key, header: { typ: 'secevent+jwt' } }),
    })
  }
  const refused = await push({ aud: 'https://other.example' })
  t.equal(refused.status, 400)
  t.equal(header(refused, 'content-type'), 'application/json')
  t.match(JSON.parse(refused.body.toString()), { err: 'invalid_audience', description: String })
  const stranger = await push({}, 'Bearer other')
  t.match(JSON.parse(stranger.body.toString()), { err: 'authentication_failed' })
  t.equal((await answerOf(() => request(gateway.port, { path: PATH, token }))).status, 200)
  const taken = await push({})
  t.equal(taken.status, 202)
  t.equal(taken.body.length, 0)
  t.equal((await answerOf(() => request(gateway.port, { path: PATH, token }))).status, 401)
  t.match(
    (await gateway.records()).findLast((event) => event['class_uid'] === 3002),
    {
      user: { uid: 'ann' },
      unmapped: { celosia: { source: 'shared-signals' } },
    },
  )
})

test('with Redis a revocation holds on every instance within two seconds', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const redis = await startRedis(t)
  const store = { redisUrl: redis.url }
  const change = (policy: PolicyDocument) => revoking(policy)
  const world = await startWorld(t, { store, change })
  const { upstream, issuer } = world
  upstream.answer(jsonAnswer(userBody(world.canaries)))
  const second = await startGatewayProcess(t, {
    policy: revoking(shippedPolicy()),
    upstreamUrl: upstream.url,
    issuer: issuer.issuer,
    store,
  })
  const token = await world.token({ claims: { jti: 'j-1' } })
  const gateways = [world.gateway, second]
  const status = async ({ port }: GatewayProcess) =>
    (await answerOf(() => request(port, { path: PATH, token }))).status
  t.same(await Promise.all(gateways.map(status)), [200, 200])
  const { code } = await runHere(
    ['revoke', '--token', 'j-1', '--config', second.policyFile, '--redis', redis.url],
    { env: second.environment },
  )
  t.equal(code, 0)
  const statuses = await Promise.all(gateways.map((one) => statusAfter(() => status(one))))
  t.same(statuses, [401, 401])
  const other = await world.token()
  redis.process().signal('SIGSTOP')
  await sleep(2_100)
  const unknown = await request(second.port, { path: PATH, token: other })
  redis.process().signal('SIGCONT')
  t.equal(unknown.status, 503, 'a store that does not answer is not an empty one')
})

test('while revocations are not known nobody gets anything, and /readyz says so', async (t) => {
  const world = await startWorld(t, { change: (policy) => revoking(policy) })
  const { gateway, upstream } = world
  upstream.answer(jsonAnswer(userBody(world.canaries)))
  const token = await world.token()
  const ask = () => request(gateway.port, { path: PATH, token })
  t.equal((await ask()).status, 200)
  const today = `${new Date().toISOString().slice(0, 10)}.jsonl`
  appendFileSync(join(gateway.journal, 'revocations', today), 'noise\n')
  t.equal(await statusAfter(async () => (await ask()).status), 503)
  const refused = await ask()
  t.match(refused.body.toString(), /"reason":"revocations-unavailable"/)
  t.ok(header(refused, 'retry-after'))
  t.match(await lastAccess(gateway), {
    unmapped: { celosia: { reasons: ['revocations-unavailable'] } },
  })
  t.match(await gateway.readiness(), { ready: false, problems: [/revocations/] })
  await gateway.reload(shippedPolicy())
  t.equal((await ask()).status, 200, 'a policy that asks for no revocations needs none')
})

test('an answer on its way is cut where its token is revoked', async (t) => {
  const world = await startWorld(t, {
    change: (policy) => revoking({ ...policy, limits: { bodyBytesMax: 65_536 } }),
  })
  const { gateway, upstream } = world
  const users = Array.from({ length: 20_000 }, (_, id) => ({ id, name: `Ada ${id}` }))
  const body = jsonAnswer({ users })
  upstream.answer(() => dripAnswer(body, { chunkBytes: 16_384, everyMs: 200 }))
  const revoke = async () => {
    await runHere(
      ['revoke', '--token', 'j-1', '--config', gateway.policyFile, '--journal', gateway.journal],
      { env: gateway.environment },
    )
  }
  const cut = await request(
    gateway.port,
    { path: '/api/v2/users', token: await world.token({ claims: { jti: 'j-1' } }) },
    { timeoutMs: 30_000, onFirstByte: revoke },
  )
  t.equal(cut.status, 200)
  t.notOk(cut.complete, `${cut.body.length} of ${body.length} bytes left`)
  await assertEventually(t, async () => {
    const last = await lastAccess(gateway)
    return (
      /"reasons":\["token-revoked"\]/.test(JSON.stringify(last)) &&
      /"phase":"closing"/.test(JSON.stringify(last))
    )
  })
})

async function assertEventually(t: Test, holds: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 5_000
  while (!(await holds())) {
    if (performance.now() > deadline) {
      t.fail('it does not hold')
      return
    }
    await sleep(20)
  }
  t.pass('it holds')
}
