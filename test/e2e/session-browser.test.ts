/** A login at the gateway in a real browser: Debian's Chromium, a real identity provider on another site, pages of friends and strangers. */
import { createServer } from 'node:http'
import { test } from 'tap'
import type { Page } from 'playwright-core'
import { systemClock } from '../../src/core/clock.ts'
import { startChromium } from '../helpers/browser.ts'
import { listenOnLoopback } from '../helpers/free-port.ts'
import { requirePeer } from '../helpers/peers.ts'
import type { TestScope } from '../helpers/process.ts'
import {
  COOKIE,
  LOGIN_COOKIE,
  startSessionWorld,
  USER_PATH,
} from '../helpers/sessions/session-world.ts'

/** A page at a port of its own. */
async function startPage(t: TestScope, body: () => string = () => ''): Promise<number> {
  const server = createServer((_request, response) => {
    response
      .setHeader('content-type', 'text/html')
      .end(`<!doctype html><title>page</title>${body()}`)
  })
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return listenOnLoopback(server)
}

/** What a script of a page does. A string, since it runs in the browser. */
const READ = (url: string) =>
  `fetch('${url}', { credentials: 'include' }).then(async (answer) => [answer.status, (await answer.json()).user?.name], () => [0])`

async function logIn(page: Page, url: string, name: string): Promise<void> {
  await page.goto(url)
  await page.fill('input[name=name]', name)
  await page.click('button')
}

test('a login in a real browser', async (t) => {
  if (!requirePeer(t, 'chromium')) return
  let form = ''
  const desk = `http://localhost:${await startPage(t, () => form)}`
  const stranger = `http://127.0.0.1:${await startPage(t)}`
  const world = await startSessionWorld(t, { desk })
  const { at, provider, upstream, canaries, gateways } = world
  const [gateway] = gateways
  form = `<form method="post" action="${at}/celosia/logout"><button>Log out</button></form>`
  const trained = { privacy_training_at: Math.floor(systemClock.nowMs() / 1_000) }
  provider.people.set('ann', { ...trained, realm_access: { roles: ['agent'] } })
  provider.people.set('bill', { ...trained, realm_access: { roles: ['billing'] } })
  provider.levels.set('mfa', ['pwd', 'otp'])
  const context = await startChromium(t)
  const page = await context.newPage()

  await t.test('leads back to the page, whose scripts read then', async (t) => {
    await page.goto(desk)
    t.same(await page.evaluate(READ(at + USER_PATH)), [401, null], 'nothing without it')
    await logIn(page, `${at}/celosia/login`, 'ann')
    await page.waitForURL(`${desk}/`)
    const [status, name] = await page.evaluate<[number, string]>(READ(at + USER_PATH))
    t.equal(status, 200)
    t.type(name, 'string')
    const cookies = await context.cookies(at)
    t.match(
      cookies.find((cookie) => cookie.name === COOKIE),
      {
        httpOnly: true,
        secure: true,
        sameSite: 'Strict',
        path: '/',
        expires: -1,
        domain: 'localhost',
      },
    )
    t.notOk(cookies.some((cookie) => cookie.name === LOGIN_COOKIE))
    t.equal(await page.evaluate('document.cookie'), '', 'no script sees it')
  })
  await t.test('pages of strangers cause nothing with it', async (t) => {
    const asked = upstream.requests.length
    const other = await context.newPage()
    await other.goto(stranger)
    t.same(await other.evaluate(READ(at + USER_PATH)), [0])
    await other.evaluate(
      `fetch('${at}${USER_PATH}', { credentials: 'include', mode: 'no-cors' }).then(() => 0)`,
    )
    await other.setContent(`<a href="${at}${USER_PATH}">look</a>`)
    const followed = other.waitForResponse((response) => response.url() === at + USER_PATH)
    await other.click('a')
    t.equal((await followed).status(), 401, 'the browser keeps the session back')
    await other.goto(stranger)
    await other.setContent(
      `<form method="post" action="${at}/celosia/logout"><button>x</button></form>`,
    )
    const posted = other.waitForResponse((response) => response.url().endsWith('/celosia/logout'))
    await other.click('button')
    t.equal((await posted).status(), 403, 'nobody is logged out by others')
    const typed = await other.goto(at + USER_PATH)
    t.equal(typed?.status(), 403, 'an address that somebody types opens nothing')
    t.equal(upstream.requests.length, asked, 'the helpdesk is not asked')
    await other.close()
    t.same(await page.evaluate(READ(at + USER_PATH)), [200, canaries.make('name', 'user.name')])
  })
  await t.test('a page of the gateway itself is opened by a login that leads to it', async (t) => {
    const fresh = await (await startChromium(t)).newPage()
    await logIn(fresh, `${at}/celosia/login?return=${encodeURIComponent(at + USER_PATH)}`, 'ann')
    await fresh.waitForURL(at + USER_PATH)
    t.match(await fresh.textContent('body'), canaries.make('name', 'user.name'))
  })
  await t.test('a login that is too weak is repeated on the way to the page', async (t) => {
    const weak = await (await startChromium(t)).newPage()
    await logIn(weak, `${at}/celosia/login?return=${encodeURIComponent(at + USER_PATH)}`, 'bill')
    // The page that was asked for is refused for the level, leads to another login, and that asks for the name again.
    await weak.waitForSelector('input[name=name]')
    t.match(weak.url(), provider.issuer)
    await weak.fill('input[name=name]', 'bill')
    await weak.click('button')
    await weak.waitForURL(at + USER_PATH)
    const events = (await gateway?.records()) ?? []
    // Chromium asks for an icon of its own accord, too.
    const own = events.filter(({ unmapped }) => {
      const { celosia } = unmapped as { celosia: { route?: unknown } }
      return typeof celosia.route === 'string'
    })
    t.match(own.at(-1), { actor: { user: { uid: 'bill' } }, status_id: 1 })
    t.match(own.at(-2), { actor: { user: { uid: 'bill' } }, status_id: 2 })
  })
  await t.test('a logout is one here and there', async (t) => {
    await page.goto(desk)
    await page.click('button')
    await page.waitForSelector('button[value=yes]')
    await page.click('button[value=yes]')
    await page.waitForURL(`${desk}/**`)
    t.same(await page.evaluate(READ(at + USER_PATH)), [401, null])
    await page.goto(`${at}/celosia/login`)
    await page.waitForSelector('input[name=name]')
    t.match(page.url(), provider.issuer, 'the provider asks who it is, too')
  })
})
