/**
 * A real browser with a token in its cookie: what its own page may do, and what pages of others try, from another site and from the
 * neighbour on the same one. The cookie is the worst that an application could set: `SameSite=None`.
 */
import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { BrowserContext } from 'playwright-core'
import { test } from 'tap'
import type { Test } from 'tap'
import type { PolicyDocument } from '../../src/rules/policy/document.ts'
import { startChromium } from '../helpers/browser.ts'
import { listenOnLoopback } from '../helpers/free-port.ts'
import { userBody } from '../helpers/helpdesk-answers.ts'
import { requirePeer } from '../helpers/peers.ts'
import { jsonAnswer } from '../helpers/upstream-answers.ts'
import { startWorld } from '../helpers/world.ts'

const USER = '/api/v2/users/7'
const NOTES = '/api/v2/notes'
const COOKIE = '__Host-access'

/** A page with nothing on it, at an address of its own. `cookies`: what it sets. */
async function startPage(t: Test, cookies: () => readonly string[] = () => []): Promise<number> {
  const server = createServer((_request, response) => {
    response.setHeader('set-cookie', [...cookies()])
    response.setHeader('content-type', 'text/html').end('<!doctype html><title>page</title>')
  })
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return listenOnLoopback(server)
}

function withCookie(desk: string) {
  return (policy: PolicyDocument): PolicyDocument => ({
    ...policy,
    keys: { ...policy.keys, cursor: { version: 1, env: 'CELOSIA_CURSOR_KEY' } },
    identity: { ...policy.identity, cookie: { name: COOKIE, origins: [desk] } },
    cors: { origins: [desk], credentials: true },
    routes: [
      ...policy.routes,
      {
        match: `POST ${NOTES}`,
        upstream: Object.keys(policy.upstreams)[0] ?? '',
        body: {
          types: ['application/json', 'application/x-www-form-urlencoded'],
          plain: ['$.pinned'],
          fixture: 'none',
        },
        unlisted: 'mask',
        write: 'none',
      } as unknown as PolicyDocument['routes'][number],
    ],
  })
}

/** No script waits longer. */
const LATE = 'new Promise((resolve) => setTimeout(resolve, 10_000))'
/** What a script of a page can do. Strings, since they run in the browser. */
const READ = (url: string) =>
  `fetch('${url}', { credentials: 'include' }).then(async (answer) => [answer.status, answer.headers.get('celosia-csrf'), (await answer.json()).user?.name])`
const WRITE = (url: string, token: string) =>
  `fetch('${url}', { method: 'POST', credentials: 'include', headers: { 'content-type': 'application/json', 'celosia-csrf': '${token}' }, body: '{"pinned":true}' }).then((answer) => answer.status)`

test('a real browser, its own page, and pages of others', async (t) => {
  if (!requirePeer(t, 'chromium')) return
  const cookies: string[] = []
  const desk = `http://localhost:${await startPage(t, () => cookies)}`
  const world = await startWorld(t, {
    change: withCookie(desk),
    env: { CELOSIA_CURSOR_KEY: randomBytes(32).toString('base64') },
  })
  const token = await world.token({ subject: 'ann' })
  cookies.push(`${COOKIE}=${token}; Path=/; Secure; HttpOnly; SameSite=None`)
  const { gateway, upstream, canaries } = world
  upstream.answer(jsonAnswer(userBody(canaries)))
  const [neighbour, stranger] = [await startPage(t), await startPage(t)]
  const browser = await startChromium(t)
  const page = await browser.newPage()
  const at = `http://localhost:${gateway.port}`
  const reasons = async () => {
    const events = await gateway.records()
    const own = events.filter(isOfRoute)
    return own.map(
      (event) => (event['unmapped'] as { celosia: { reasons: string[] } }).celosia.reasons[0],
    )
  }

  await t.test('its own page reads, and writes with the token of an answer', async (t) => {
    await page.goto(desk)
    const [status, csrf, name] = await page.evaluate<[number, string, string]>(READ(at + USER))
    t.equal(status, 200)
    t.equal(name, canaries.make('name', 'user.name'))
    t.match(csrf, /^[A-Za-z0-9_-]{80,}$/)
    t.equal(await page.evaluate<number>(WRITE(at + NOTES, csrf)), 200)
    t.equal(await page.evaluate<number>(WRITE(at + NOTES, 'x')), 403)
    t.same((await reasons()).slice(0, 4), [
      'role-permits',
      'role-permits',
      'role-permits',
      'csrf-token-missing',
    ])
  })
  // For another site the browser itself keeps the cookie back, unless the page is left for the answer.
  for (const [name, origin, times] of [
    ['a neighbour on the same site', `http://localhost:${neighbour}`, 5],
    ['another site', `http://127.0.0.1:${stranger}`, 1],
  ] as const) {
    await t.test(`${name} causes nothing`, async (t) => {
      const [asked, before] = [upstream.requests.length, (await reasons()).length]
      await attack(browser, origin, at)
      t.equal(upstream.requests.length, asked, 'the helpdesk is not asked')
      const after = (await reasons()).slice(before)
      t.ok(after.length >= times, `the browser came ${after.length} times with the cookie`)
      t.same([...new Set(after)], ['cross-site-refused'], 'and each time is on record')
    })
  }
  await t.test('an address that somebody types opens nothing', async (t) => {
    const typed = await browser.newPage()
    t.equal((await typed.goto(at + USER))?.status(), 403)
  })
})

// Chromium asks the gateway for an icon of its own accord, which no route has.
function isOfRoute(event: Readonly<Record<string, unknown>>): boolean {
  const { celosia } = event['unmapped'] as { celosia?: { route?: unknown } }
  return event['http_request'] !== undefined && typeof celosia?.route === 'string'
}

/** All ways in which a page makes a browser ask: an image, fetches that need no permission and one that does, a form. */
async function attack(browser: BrowserContext, origin: string, at: string): Promise<void> {
  const page = await browser.newPage()
  await page.goto(origin)
  const asks = [
    `new Promise((resolve) => { const image = new Image(); image.onerror = resolve; image.src = '${at}${USER}' })`,
    `fetch('${at}${USER}', { credentials: 'include', mode: 'no-cors' })`,
    `fetch('${at}${NOTES}', { method: 'POST', credentials: 'include', mode: 'no-cors', body: new URLSearchParams({ pinned: 'true' }) })`,
    `fetch('${at}${USER}', { credentials: 'include' })`,
  ]
  for (const ask of asks)
    await page.evaluate(`Promise.race([${ask}, ${LATE}]).then(() => 0, () => 0)`)
  await page.setContent(
    `<form method="post" action="${at}${NOTES}"><input name="pinned" value="true"></form>`,
  )
  const answered = page.waitForResponse((response) => response.url().endsWith(NOTES))
  // Not within the evaluation, whose page is left by it.
  await page.evaluate('void setTimeout(() => document.forms[0].submit(), 1)')
  await (await answered).finished()
  await page.close()
}
