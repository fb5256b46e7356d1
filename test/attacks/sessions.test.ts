/**
 * Section I of the threat model where browsers log in at the gateway: answers of other logins, other places to be sent to, sessions that
 * were planted, made up, moved in the store, or ended.
 */
import { test, type Test } from 'tap'
import { requirePeer } from '../helpers/peers.ts'
import { request } from '../helpers/raw-client.ts'
import { startRedis } from '../helpers/redis.ts'
import { CookieBrowser } from '../helpers/sessions/cookie-browser.ts'
import {
  COOKIE,
  LOGIN_COOKIE,
  startSessionWorld,
  USER_PATH,
  type SessionWorld,
} from '../helpers/sessions/session-world.ts'

const CALLBACK = '/celosia/callback'

function reasonOf(body: string): string {
  return (JSON.parse(body) as { reason: string }).reason
}

/** A login up to where the provider has sent the browser back. */
async function toCallback({ at }: SessionWorld, browser: CookieBrowser, name: string) {
  const { address } = await browser.follow(`${at}/celosia/login`, name, (now) =>
    now.startsWith(at + CALLBACK),
  )
  return new URL(address)
}

function changed(url: URL, change: (parameters: URLSearchParams) => void): string {
  const other = new URL(url)
  change(other.searchParams)
  return other.href
}

async function read({ gateways: [gateway] }: SessionWorld, ...cookies: string[]) {
  const headers = cookies.map((cookie) => ['cookie', cookie] as const)
  for (let attempt = 1; ; attempt += 1) {
    const { status, body } = await request(gateway?.port ?? 0, {
      path: USER_PATH,
      headers: [...headers, ['sec-fetch-site', 'same-origin']],
    })
    // The stores are too slow on a busy machine.
    if (status === 503 && attempt < 10) continue
    return status === 200 ? 'read' : reasonOf(body.toString())
  }
}

async function startPeople(t: Test, redisUrl?: string) {
  const world = await startSessionWorld(t, redisUrl === undefined ? {} : { redisUrl })
  for (const name of ['ann', 'eve'])
    world.provider.people.set(name, { realm_access: { roles: ['agent'] } })
  return world
}

test('section I: answers of the provider that are none to this login', async (t) => {
  const world = await startPeople(t)
  const { at } = world
  const finish = async (browser: CookieBrowser, address: string) => {
    const { status, body } = await browser.visit(address)
    const cookie = browser.cookies(at).get(COOKIE)
    return { status, reason: status === 200 ? 'in' : reasonOf(body), cookie }
  }
  const rows: readonly (readonly [
    name: string,
    change: (p: URLSearchParams) => void,
    reason?: string,
  ])[] = [
    ['another state', (p) => p.set('state', `${p.get('state')?.slice(0, -1)}_`)],
    ['no state', (p) => p.delete('state')],
    ['a state twice', (p) => p.append('state', p.get('state') ?? '')],
    ['another code', (p) => p.set('code', 'A'.repeat(43))],
    ['no code', (p) => p.delete('code')],
    ['a code twice', (p) => p.append('code', 'x')],
    ['another issuer', (p) => p.set('iss', 'https://evil.example')],
    ['no issuer', (p) => p.delete('iss')],
    ['a refusal', (p) => [p.delete('code'), p.set('error', 'access_denied')]],
    ['a token beside', (p) => p.set('id_token', 'eyJhbGciOiJub25lIn0.e30.')],
    ['nothing', (p) => [...p.keys()].forEach((key) => p.delete(key))],
  ]
  for (const [name, change] of rows) {
    const browser = new CookieBrowser()
    const url = await toCallback(world, browser, 'ann')
    const { status, reason, cookie } = await finish(browser, changed(url, change))
    t.match(
      { status, reason, cookie },
      { status: 400, reason: 'login-failed', cookie: undefined },
      name,
    )
  }
  await t.test('the login of somebody else, in the browser of a victim', async (t) => {
    const [evil, victim] = [new CookieBrowser(), new CookieBrowser()]
    const theirs = (await toCallback(world, evil, 'eve')).href
    t.equal((await finish(victim, theirs)).reason, 'login-failed', 'that began none')
    const own = await toCallback(world, victim, 'ann')
    t.equal((await finish(victim, theirs)).reason, 'login-failed', 'that has begun one')
    const mixed = changed(own, (p) => p.set('code', new URL(theirs).searchParams.get('code') ?? ''))
    t.equal((await finish(victim, mixed)).reason, 'login-failed', 'with the code of theirs')
    t.equal(victim.cookies(at).get(COOKIE), undefined)
  })
  await t.test('the cookie of a login: altered, cut, of the session, used twice', async (t) => {
    const browser = new CookieBrowser()
    const url = (await toCallback(world, browser, 'ann')).href
    const jar = browser.cookies(at)
    const sealed = jar.get(LOGIN_COOKIE) ?? ''
    for (const value of [
      '',
      'x',
      sealed.slice(0, -4),
      `${sealed.slice(0, -2)}AA`,
      `${sealed}=`,
      `${sealed}; ${LOGIN_COOKIE}=${sealed}`,
    ]) {
      jar.set(LOGIN_COOKIE, value)
      const { status, cookie } = await finish(browser, url)
      t.match([status >= 400, cookie], [true, undefined], JSON.stringify(value.slice(-6)))
    }
    jar.set(LOGIN_COOKIE, sealed)
    const { cookie } = await finish(browser, url)
    t.equal(await read(world, `${COOKIE}=${cookie}`), 'read')
    jar.set(LOGIN_COOKIE, sealed)
    t.equal((await finish(browser, url)).reason, 'login-failed', 'the same answer once more')
    t.equal(await read(world, `${COOKIE}=${sealed}`), 'session-ended')
  })
  await t.test('a session that was planted before the login', async (t) => {
    const planted = 'A'.repeat(43)
    const browser = new CookieBrowser()
    browser.cookies(at).set(COOKIE, planted)
    const { cookie } = await finish(browser, (await toCallback(world, browser, 'ann')).href)
    t.not(cookie, planted)
    t.equal(await read(world, `${COOKIE}=${planted}`), 'session-ended')
    const mine = new CookieBrowser()
    const { cookie: evil = '' } = await finish(mine, (await toCallback(world, mine, 'eve')).href)
    browser.cookies(at).set(COOKIE, evil)
    const { cookie: next } = await finish(browser, (await toCallback(world, browser, 'ann')).href)
    t.not(next, evil)
    t.equal(await read(world, `${COOKIE}=${evil}`), 'session-ended', 'it ends with the login')
  })
})

test('section I: places that nobody is sent to, and levels that nobody has', async (t) => {
  const world = await startPeople(t)
  const { at, desk } = world
  const browser = new CookieBrowser()
  const places = [
    'https://evil.example/',
    '//evil.example/',
    '/\\evil.example',
    '/api/v2/users/7',
    `${desk}.evil.example/`,
    `${desk}@evil.example/`,
    `http://user@localhost:9/`,
    'javascript:alert(1)//http://localhost:9/',
    'data:text/html,x',
    desk.replace('http', 'https'),
    'http://localhost:90/',
    'http://127.0.0.1:9/',
    `${at}/`,
    `${at}/celosia/logout`,
    `${at}/api/../celosia/login`,
    `${at}/api/%2e%2e/celosia/login`,
    `${at}/apiary`,
    '',
    ' ',
    `${desk}/${'x'.repeat(1_024)}`,
  ]
  const queries = [
    ...places.map((place) => new URLSearchParams({ return: place }).toString()),
    `return=${desk}/%0d%0aSet-Cookie:a=b`,
    `return=${desk}/&return=https://evil.example/`,
    'next=https://evil.example/',
    'acr_values=root',
    'acr_values=phr+mfa',
    'acr_values=phr+mfa&max_age=0',
    'max_age=43200',
    'prompt=none',
    'redirect_uri=https://evil.example/',
  ]
  for (const query of queries) {
    const { status, next, headers } = await browser.visit(`${at}/celosia/login?${query}`)
    t.match([status, next, headers.getSetCookie()], [400, undefined, []], query)
    const out = await browser.visit(`${at}/celosia/logout?${query}`, {
      form: new URLSearchParams(),
      headers: { origin: desk },
    })
    t.match([out.status, out.next], [400, undefined], `logout, ${query}`)
  }
  for (const [given, url] of [
    [`${desk}\\@evil.example`, `${desk}/@evil.example`],
    [`${desk}/"><script>`, `${desk}/%22%3E%3Cscript%3E`],
    ['http:localhost:9/a', `${desk}/a`],
  ] as const) {
    const query = new URLSearchParams({ return: given }).toString()
    const of = new CookieBrowser()
    const back = await of.follow(`${at}/celosia/login?${query}`, 'ann', (now) =>
      now.startsWith(at + CALLBACK),
    )
    const page = await of.visit(back.address)
    t.equal(page.next, url, `${given} is what a browser makes of it`)
    t.notMatch(page.body, /<script/)
  }
  for (const method of ['POST', 'HEAD', 'PUT'])
    for (const path of ['login', 'callback'])
      t.ok((await fetch(`${at}/celosia/${path}`, { method })).status >= 400, `${method} ${path}`)
  t.ok((await fetch(`${at}/celosia/logout`)).status >= 400, 'a link logs nobody out')
})

test('section I: sessions that are none', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const redis = await startRedis(t)
  const world = await startPeople(t, redis.url)
  const { at, desk } = world
  const session = async (name: string) => {
    const browser = new CookieBrowser()
    await browser.follow(`${at}/celosia/login`, name, (now) => now.startsWith(desk))
    return { browser, cookie: browser.cookies(at).get(COOKIE) ?? '' }
  }
  const stored = () => redis.admin().keys('celosia:{sessions}:id:*')
  const ann = await session('ann')
  const [key = ''] = await stored()
  const value = (await redis.admin().get(key)) ?? ''
  const good = `${COOKIE}=${ann.cookie}`
  t.equal(await read(world, good), 'read')
  const rows: readonly (readonly [name: string, reason: string, ...cookies: string[]])[] = [
    ['none', 'token-missing'],
    ['an empty one', 'session-ended', `${COOKIE}=`],
    ['a short one', 'session-ended', `${COOKIE}=${ann.cookie.slice(1)}`],
    ['with padding', 'session-ended', `${good}=`],
    ['in quotes', 'session-ended', `${COOKIE}="${ann.cookie}"`],
    ['in other case', 'token-missing', `${COOKIE.toLowerCase()}=${ann.cookie}`],
    ['without its prefix', 'token-missing', `celosia-session=${ann.cookie}`],
    ['twice', 'token-missing', `${good}; ${good}`],
    ['twice, in two headers', 'header-malformed', good, good],
    ['what the store calls it', 'session-ended', `${COOKIE}=${key.split(':').at(-1)}`],
    ['what the store holds', 'session-ended', `${COOKIE}=${value}`],
  ]
  for (const [name, reason, ...cookies] of rows)
    t.equal(await read(world, ...cookies), reason, name)
  await t.test('who can write to the store makes nobody else of it', async (t) => {
    const eve = await session('eve')
    const theirs = (await stored()).find((one) => one !== key) ?? ''
    await redis.admin().set(theirs, value)
    t.equal(await read(world, `${COOKIE}=${eve.cookie}`), 'session-ended', "under one's own id")
    await redis.admin().set(theirs, `${value.slice(0, -2)}AA`)
    t.equal(await read(world, `${COOKIE}=${eve.cookie}`), 'session-ended', 'altered')
    await redis.admin().set(theirs, '{"sub":"ann"}')
    t.equal(await read(world, `${COOKIE}=${eve.cookie}`), 'session-ended', 'in clear')
  })
  await t.test('nor does one that was logged out come back', async (t) => {
    await ann.browser.visit(`${at}/celosia/logout`, {
      form: new URLSearchParams(),
      headers: { origin: desk },
    })
    t.equal(await read(world, good), 'session-ended')
    await redis.admin().set(key, value)
    t.equal(await read(world, good), 'token-revoked', 'put back into the store')
  })
})
