/** Section K of the threat model, and the listener for operators: what is written down holds nothing of data subjects. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'tap'
import { assertNoCanary, createCanaries } from '../helpers/canaries.ts'
import { withoutSamples } from '../helpers/canary-chance.ts'
import { userBody } from '../helpers/helpdesk-answers.ts'
import { accessViews } from '../helpers/oracle-records.ts'
import { request, sendRaw } from '../helpers/raw-client.ts'
import { chunkedAnswer, jsonAnswer } from '../helpers/upstream-answers.ts'
import { startWorld, type World } from '../helpers/world.ts'
import { get, rawRequest } from './attack-table.ts'

const FLOOD = 300

test('section K: the audit, the log and the metrics hold no personal data', async (t) => {
  const world = await startWorld(t)
  const { gateway, upstream, canaries } = world
  const token = await world.token()

  await t.test('K119 canaries everywhere a caller or an upstream can put them', async (k119) => {
    // Digits that a path id may have; no canary of the helper's kinds has so many.
    const id = canaries.add('path id', '7316284950617283946')
    const secret = canaries.make('text', 'caller')
    const email = canaries.make('email', 'caller')
    const name = canaries.make('name', 'token')
    upstream.answer(({ target }) => {
      if (target.includes('/tickets/')) return jsonAnswer(`{"x":"${secret}"`)
      return chunkedAnswer([userBody(canaries, 7)], { headers: [['X-Leak', email]] })
    })
    const own = await world.token({
      roles: ['agent', secret],
      claims: { name, email, preferred_username: secret, address: { street: secret } },
    })
    const sent = [
      get(
        `/api/v2/users/${id}`,
        bearer(own),
        `X-Note: ${email}`,
        `User-Agent: ${secret}`,
        `Referer: https://x/?q=${email}`,
      ),
      get(`/api/v2/users/${id}/identities`, bearer(own)),
      get(`/api/v2/users?page=${secret}`, bearer(own)),
      get(`/api/v2/users?${secret}=1`, bearer(own)),
      get(`/api/v2/search?query=${encodeURIComponent(email)}`, bearer(own)),
      get(`/api/v2/users/${email.replace('@', '%40')}`, bearer(own)),
      get(`/api/v2/users/${email}`, bearer(own)),
      get(`/${secret}`, bearer(own)),
      get('/api/v2/tickets/9', bearer(own)),
      get('/api/v2/users/7', `Authorization: Bearer ${secret}`),
      get('/api/v2/users/7', `Authorization: Basic ${Buffer.from(email).toString('base64')}`),
      get('/api/v2/users/7', bearer(own), `Connection: ${secret}`),
      get('/api/v2/users/7', bearer(own), `Host: ${email}`),
      rawRequest(`GET /${secret} HTTP/1.1`, [`${secret} : x`]),
      rawRequest(`${secret.toUpperCase()} / HTTP/1.1`, [`Host: ${secret}`]),
      rawRequest(
        `POST /api/v2/users HTTP/1.1`,
        ['Host: a', bearer(own), `Content-Length: ${secret.length}`],
        secret,
      ),
    ]
    for (const bytes of sent) await sendRaw(gateway.port, bytes)
    k119.ok(
      upstream.requests.some(({ target }) => target.includes(id)),
      'the id went upstream',
    )
    await assertNothingWritten(k119, world)
  })

  await t.test('K124 a flood of strangers fills nothing', async (k124) => {
    const before = accessViews(await gateway.records()).length
    const strangers = Array.from({ length: FLOOD }, () => get('/api/v2/users/7'))
    for (let at = 0; at < FLOOD; at += 50)
      await Promise.all(strangers.slice(at, at + 50).map((bytes) => sendRaw(gateway.port, bytes)))
    k124.equal(accessViews(await gateway.records()).length, before, 'none has a record of its own')
    const answer = await request(gateway.port, { path: '/nowhere', token })
    k124.equal(answer.status, 404)
    k124.equal(accessViews(await gateway.records()).length, before + 1, 'one who is known has')
  })

  await t.test('I106 operators have a listener of their own, without data', async (i106) => {
    const { port } = new URL(gateway.adminUrl)
    i106.not(Number(port), gateway.port, 'it is another one')
    for (const path of ['/livez', '/readyz', '/metrics']) {
      const here = await request(Number(port), { path })
      i106.equal(here.status, 200, `${path} answers`)
      assertNoCanary(i106, canaries, withoutSamples(here.body.toString()), { where: path })
    }
    const shut = [
      '/',
      '/api/v2/users/7',
      '/metrics/',
      '/livez/../metrics',
      '/debug',
      '/documentation',
      '/upstream/helpdesk/api/v2/users/7',
    ]
    const upstreamBefore = upstream.requests.length
    for (const path of shut) {
      const { status } = await request(Number(port), { path, token })
      i106.equal(status, 404, `${path} is not there`)
    }
    const posted = await request(Number(port), {
      path: '/metrics',
      method: 'POST',
      body: 'x'.repeat(100),
    })
    i106.ok([404, 413].includes(posted.status), 'it takes no body')
    i106.equal(upstream.requests.length, upstreamBefore, 'nothing reaches the upstream')
  })

  await t.test('K124 the flood is one record with its number', async (end) => {
    end.same(await gateway.process.stop(), { code: 0, signal: null })
    const counts = (await gateway.records()).flatMap((event) => {
      if (event['http_request'] !== undefined || event['count'] === undefined) return []
      return (event['unmapped'] as { celosia: { reasons: { reason: string; count: number }[] } })
        .celosia.reasons
    })
    const missing = counts.filter(({ reason }) => reason === 'token-missing')
    end.equal(
      missing.reduce((sum, { count }) => sum + count, 0),
      FLOOD + 1,
      'all are counted',
    )
    end.ok(missing.length <= 2, 'in one record a minute')
    const bytes = await rawJournal(gateway.journal)
    assertNoCanary(end, canaries, bytes, { where: 'the bytes of the journal' })
  })
})

async function assertNothingWritten(
  t: Parameters<typeof assertNoCanary>[0],
  world: World,
): Promise<void> {
  const { gateway, canaries } = world
  assertNoCanary(t, canaries, gateway.logs(), { where: 'log' })
  assertNoCanary(t, canaries, withoutSamples(await gateway.metrics()), { where: 'metrics' })
  assertNoCanary(t, canaries, await rawJournal(gateway.journal), { where: 'journal' })
}

async function rawJournal(directory: string): Promise<Buffer> {
  const names = await readdir(directory)
  const files = await Promise.all(
    names.filter((name) => name.endsWith('.jsonl')).map((name) => readFile(join(directory, name))),
  )
  return Buffer.concat(files)
}

function bearer(token: string): string {
  return `Authorization: Bearer ${token}`
}

// Fails at once where the scan itself could not find anything.
test('the scan finds what is there', async (t) => {
  const canaries = createCanaries()
  const value = canaries.make('text', 'x')
  t.ok(canaries.find(`{"a":"${value}"}`, { where: 'x' }).length > 0)
})
