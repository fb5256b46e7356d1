/** Browsers that log in at the gateway itself: a real identity provider, two gateways that share a Redis, and one with a session less. */
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'tap'
import { systemClock } from '../../src/core/clock.ts'
import { requirePeer } from '../helpers/peers.ts'
import { header, request } from '../helpers/raw-client.ts'
import { runHere } from '../helpers/program.ts'
import { startRedis } from '../helpers/redis.ts'
import { CookieBrowser } from '../helpers/sessions/cookie-browser.ts'
import {
  COOKIE,
  LOGIN_COOKIE,
  NOTES_PATH,
  startSessionWorld,
  USER_PATH,
  type SessionWorld,
} from '../helpers/sessions/session-world.ts'
import type { GatewayProcess } from '../helpers/gateway.ts'

/** A logout holds within two seconds; the rest is for a machine that runs other tests beside. */
const HOLDS_WITHIN_MS = 20_000
const SAME = ['sec-fetch-site', 'same-origin'] as const
const OPENED = [
  ['sec-fetch-mode', 'navigate'],
  ['sec-fetch-dest', 'document'],
] as const

const trainedToday = () => Math.floor(systemClock.nowMs() / 1_000)

/** Logs somebody in with a browser of their own; gives the cookie. Once more where a busy machine kept the gateway from its stores. */
async function logIn({ at, desk }: SessionWorld, browser: CookieBrowser, name: string, query = '') {
  const before = browser.cookies(at).get(COOKIE)
  for (let attempt = 1; ; attempt += 1) {
    const { address, last } = await browser.follow(`${at}/celosia/login${query}`, name, (now) =>
      now.startsWith(desk),
    )
    const cookie = browser.cookies(at).get(COOKIE) ?? ''
    if (last?.status !== 503 || attempt === 5) return { address, cookie }
    if (before !== undefined) browser.cookies(at).set(COOKIE, before)
  }
}

/** What comes back, asked again while the stores are too slow. */
async function patient<T extends { readonly status: number }>(asked: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + HOLDS_WITHIN_MS
  let answer = await asked()
  while (answer.status === 503 && performance.now() < deadline) {
    await sleep(50)
    answer = await asked()
  }
  return answer
}

const ask = (
  { port }: GatewayProcess,
  cookie: string,
  more: readonly (readonly [string, string])[] = [SAME],
) =>
  patient(() =>
    request(port, { path: USER_PATH, headers: [['cookie', `${COOKIE}=${cookie}`], ...more] }),
  )

async function lastAccess(gateway: GatewayProcess) {
  const events = await gateway.records()
  return events.findLast((event) => event['http_request'] !== undefined)
}

async function statusAfter(asked: () => Promise<number>): Promise<number> {
  const deadline = performance.now() + HOLDS_WITHIN_MS
  let status = await asked()
  while ((status === 200 || status === 503) && performance.now() < deadline) {
    await sleep(20)
    status = await asked()
  }
  return status
}

test('sessions of browsers, on two gateways', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const redis = await startRedis(t)
  const world = await startSessionWorld(t, { redisUrl: redis.url, gateways: 2 })
  const { provider, gateways, canaries, at, desk, upstream } = world
  const [one, other] = gateways as [GatewayProcess, GatewayProcess]
  const name = canaries.make('name', 'user.name')
  const person = (roles: readonly string[]) => ({
    realm_access: { roles },
    privacy_training_at: trainedToday(),
  })
  provider.people.set('ann', person(['agent'])).set('bill', person(['billing']))
  provider.levels.set('mfa', ['pwd', 'otp'])

  const browser = new CookieBrowser()
  const ann = await logIn(world, browser, 'ann')
  await t.test('a login gives a session that holds on each', async (t) => {
    t.equal(ann.address, `${desk}/`)
    t.match(ann.cookie, /^[A-Za-z0-9_-]{43}$/)
    t.notOk(browser.cookies(at).has(LOGIN_COOKIE), 'what was kept for the login is gone')
    for (const gateway of gateways) {
      const answer = await ask(gateway, ann.cookie)
      t.equal(answer.status, 200)
      t.ok(answer.body.includes(name))
      t.type(header(answer, 'celosia-csrf'), 'string')
      t.match(await lastAccess(gateway), {
        actor: { user: { uid: 'ann' }, session: { issuer: provider.issuer } },
      })
    }
    const login = (await one.records()).find(
      (event) => event['type_name'] === 'Authentication: Logon',
    )
    const session = (await lastAccess(one))?.['actor'] as { session: { uid: string } }
    t.match(login, {
      user: { uid: 'ann', groups: [{ name: 'agent' }] },
      session: { issuer: provider.issuer, uid: session.session.uid },
      src_endpoint: { ip: '127.0.0.1' },
    })
    const sent = upstream
      .connections()
      .map(({ bytes }) => bytes.toString('latin1'))
      .join('')
    t.notMatch(sent, /cookie|celosia-session/i, 'nothing of it goes upstream')
  })
  await t.test(
    'its cookie is of this host alone, for no script, and for no other site',
    async (t) => {
      const fresh = new CookieBrowser()
      const begun = await fresh.visit(`${at}/celosia/login`)
      t.match(
        begun.headers.getSetCookie()[0],
        /^__Host-celosia-login=[A-Za-z0-9_-]+; Path=\/; Secure; HttpOnly; SameSite=Lax; Max-Age=600$/,
      )
      const url = new URL(begun.next ?? '')
      t.equal(url.origin, provider.issuer)
      t.match(Object.fromEntries(url.searchParams), {
        response_type: 'code',
        redirect_uri: `${at}/celosia/callback`,
        scope: 'openid',
        code_challenge_method: 'S256',
        state: /^.{43}$/,
        nonce: /^.{43}$/,
        code_challenge: /^.{43}$/,
      })
      const back = await fresh.follow(url.href, 'ann', (now) =>
        now.startsWith(`${at}/celosia/callback`),
      )
      const page = await fresh.visit(back.address)
      t.equal(page.status, 200)
      t.match(page.headers.getSetCookie(), [
        /^__Host-celosia-session=[A-Za-z0-9_-]{43}; Path=\/; Secure; HttpOnly; SameSite=Strict$/,
        /^__Host-celosia-login=; .*Max-Age=0$/,
      ])
      t.match(page.headers.get('content-security-policy'), /default-src 'none'/)
      t.equal(page.headers.get('cache-control'), 'no-store')
    },
  )
  await t.test('writing needs a token of an answer, and the origin of the page', async (t) => {
    const csrf = header(await ask(one, ann.cookie), 'celosia-csrf') ?? ''
    const write = (...more: (readonly [string, string])[]) =>
      patient(() =>
        request(one.port, {
          method: 'POST',
          path: NOTES_PATH,
          body: '{"pinned":true}',
          headers: [
            ['cookie', `${COOKIE}=${ann.cookie}`],
            ['content-type', 'application/json'],
            ...more,
          ],
        }),
      )
    t.equal((await write(['origin', desk], ['celosia-csrf', csrf])).status, 200)
    t.equal((await write(['origin', desk])).status, 403)
    t.equal((await write(['origin', 'https://evil.example'], ['celosia-csrf', csrf])).status, 403)
    t.equal((await ask(one, ann.cookie, [])).status, 403, 'an image, or a link of another page')
  })
  await t.test('a login that is too weak is repeated as the challenge says', async (t) => {
    const of = new CookieBrowser()
    const { cookie } = await logIn(world, of, 'bill')
    const weak = await ask(one, cookie)
    t.equal(weak.status, 401)
    const challenge = header(weak, 'www-authenticate') ?? ''
    const [, acr = ''] = /acr_values="([^"]*)"/.exec(challenge) ?? []
    const [, maxAge = ''] = /max_age="([^"]*)"/.exec(challenge) ?? []
    const asked = { acr_values: acr, max_age: maxAge, return: `${desk}/tickets?id=7&x=%22` }
    const query = `?${new URLSearchParams(asked).toString()}`
    const strong = await logIn(world, of, 'bill', query)
    t.equal(strong.address, `${desk}/tickets?id=7&x=%22`)
    t.not(strong.cookie, cookie, 'a new session')
    t.equal((await ask(other, strong.cookie)).status, 200)
    const old = await ask(one, cookie)
    t.equal(old.status, 401, 'the one of before has ended')
    t.match(old.body.toString(), /session-ended/)
  })
  await t.test('a page that is opened is led to a login; a script is told', async (t) => {
    const page = await request(one.port, { path: USER_PATH, headers: [SAME, ...OPENED] })
    t.equal(page.status, 303)
    const login = new URL(header(page, 'location') ?? '')
    t.equal(login.origin + login.pathname, `${at}/celosia/login`)
    t.equal(login.searchParams.get('return'), at + USER_PATH)
    const of = new CookieBrowser()
    const landed = await of.follow(login.href, 'ann', (now) => now === at + USER_PATH)
    const opens = () => of.visit(landed.address, { headers: { 'sec-fetch-site': 'same-origin' } })
    t.equal((await patient(opens)).status, 200)
    const bill = new CookieBrowser()
    const { cookie } = await logIn(world, bill, 'bill')
    const weak = await ask(one, cookie, [SAME, ...OPENED])
    t.equal(weak.status, 303)
    t.match(header(weak, 'location'), /acr_values=phr%20mfa&max_age=43200/)
    t.match(await lastAccess(one), {
      actor: { user: { uid: 'bill' } },
      unmapped: { celosia: { reasons: ['assurance-insufficient'] } },
    })
    t.equal((await request(one.port, { path: USER_PATH, headers: [SAME] })).status, 401)
    const foreign = await request(one.port, {
      path: USER_PATH,
      headers: [['sec-fetch-site', 'cross-site'], ...OPENED],
    })
    t.equal(foreign.status, 401, 'a link of another page leads nowhere')
  })
  await t.test('the store holds nothing that anybody could use', async (t) => {
    const keys = await redis.admin().keys('celosia:{sessions}:*')
    t.ok(keys.length >= 3, `${keys.length} keys`)
    const values = await Promise.all(
      keys.filter((key) => !key.includes(':of:')).map((key) => redis.admin().get(key)),
    )
    const all = [...keys, ...values].join('\n')
    t.notMatch(all, /ann|bill|eyJ/)
    t.notOk(all.includes(ann.cookie))
  })
  await t.test('a logout ends it everywhere, and leads to that of the provider', async (t) => {
    const of = new CookieBrowser()
    const { cookie } = await logIn(world, of, 'ann')
    const out = (origin: string) =>
      patient(() =>
        of.visit(`${at}/celosia/logout`, { form: new URLSearchParams(), headers: { origin } }),
      )
    t.equal((await out('https://evil.example')).status, 403)
    t.equal((await ask(other, cookie)).status, 200)
    const gone = await out(desk)
    t.equal(gone.status, 303)
    t.notOk(of.cookies(at).has(COOKIE))
    for (const gateway of gateways) t.equal((await ask(gateway, cookie)).status, 401)
    const theirs = new URL(gone.next ?? '')
    t.equal(theirs.origin, provider.issuer)
    t.match(Object.fromEntries(theirs.searchParams), {
      client_id: 'agent-desk',
      post_logout_redirect_uri: `${desk}/`,
      id_token_hint: /^eyJ/,
    })
    const event = (await one.records()).findLast(
      (entry) => entry['status_detail'] === 'session-logout',
    )
    t.match(event, { session: { issuer: provider.issuer, uid: /^.{43}$/ } })
    t.equal((await out(desk)).next, `${desk}/`, 'who has no session is sent on')
  })
  await t.test('a logout at the provider ends it everywhere', async (t) => {
    const of = new CookieBrowser()
    const { cookie } = await logIn(world, of, 'ann')
    t.equal((await ask(other, cookie)).status, 200)
    const end = await of.visit(`${provider.issuer}/session/end`)
    const xsrf = /name="xsrf" value="([^"]+)"/.exec(end.body)?.[1] ?? ''
    await of.visit(`${provider.issuer}/session/end/confirm`, {
      form: new URLSearchParams({ xsrf, logout: 'yes' }),
    })
    for (const gateway of gateways)
      t.equal(await statusAfter(async () => (await ask(gateway, cookie)).status), 401)
    t.match((await ask(one, cookie)).body.toString(), /token-revoked/)
    t.equal((await ask(one, ann.cookie)).status, 200, 'and no other')
    const page = await ask(one, cookie, [SAME, ...OPENED])
    t.equal(page.status, 303, 'a page that is opened leads to a login')
    t.match(await lastAccess(one), {
      actor: { user: { uid: 'ann' } },
      unmapped: { celosia: { reasons: ['token-revoked'] } },
    })
    const next = await of.follow(
      header(page, 'location') ?? '',
      'ann',
      (now) => now === at + USER_PATH,
    )
    t.equal(next.address, at + USER_PATH)
    t.equal((await ask(one, of.cookies(at).get(COOKIE) ?? '')).status, 200, 'which is good')
  })
  await t.test('a session that is revoked here is not begun again by a silent login', async (t) => {
    const of = new CookieBrowser()
    const { cookie } = await logIn(world, of, 'ann')
    t.equal((await ask(one, cookie)).status, 200)
    const actor = (await lastAccess(one))?.['actor'] as { session: { uid: string } }
    const command = ['revoke', '--config', one.policyFile, '--redis', redis.url]
    const ended = await runHere(
      [...command, '--session', actor.session.uid, '--issuer', provider.issuer],
      {
        env: one.environment,
      },
    )
    t.equal(ended.code, 0, ended.stderr)
    t.equal(await statusAfter(async () => (await ask(one, cookie)).status), 401)
    const page = await ask(one, cookie, [SAME, ...OPENED])
    t.equal(page.status, 303)
    // The provider knows the browser, and gives the same session again.
    const back = await of.follow(
      header(page, 'location') ?? '',
      'ann',
      (now) => now === at + USER_PATH,
    )
    t.match([back.last?.status, back.last?.body], [400, /login-failed/], 'and not round and round')
    t.ok(back.address.startsWith(`${at}/celosia/callback`))
  })
  await t.test('who logs in too often loses the oldest', async (t) => {
    const cookies: string[] = []
    for (let count = 0; count < 6; count += 1)
      cookies.push((await logIn(world, new CookieBrowser(), 'bill')).cookie)
    const statuses: number[] = []
    for (const cookie of cookies) {
      const answer = await ask(one, cookie)
      statuses.push(/session-ended/.test(answer.body.toString()) ? 0 : answer.status)
    }
    t.same(statuses, [0, 401, 401, 401, 401, 401])
  })
  await t.test('what cannot be known is refused', async (t) => {
    redis.process().signal('SIGSTOP')
    const headers = [['cookie', `${COOKIE}=${ann.cookie}`], SAME] as const
    const answer = await request(one.port, { path: USER_PATH, headers })
    redis.process().signal('SIGCONT')
    t.equal(answer.status, 503)
    await provider.close()
    t.equal((await ask(other, ann.cookie)).status, 200, 'the provider is not needed any more')
    const login = await fetch(`${other.url}/celosia/login`, { redirect: 'manual' })
    t.match([login.status, login.headers.get('retry-after')], [503, /./], 'but for a login')
    t.match(await login.text(), /issuer-unavailable/)
  })
})
