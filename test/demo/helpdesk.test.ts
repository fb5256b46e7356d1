/**
 * The sample helpdesk over real sockets: who is let in, what the answers look like, and that every
 * digit arrives.
 */
import { request } from 'node:http'
import { text } from 'node:stream/consumers'
import { test, type Test } from 'tap'
import { startHelpdesk } from '../../demo/helpdesk.ts'
import { elementsOf, membersOf } from '../../demo/slices.ts'

const TOKEN = 'sample-token'

interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: string
}

type Get = (target: string, headers?: Record<string, string>, method?: string) => Promise<Answer>

async function started(t: Test): Promise<{ readonly url: string; readonly get: Get }> {
  const helpdesk = await startHelpdesk({ port: 0, host: '127.0.0.1', token: TOKEN })
  t.teardown(helpdesk.close)
  const get: Get = async (
    target,
    headers = { authorization: `Bearer ${TOKEN}` },
    method = 'GET',
  ) => {
    const answer = await fetch(`${helpdesk.url}${target}`, { method, headers })
    return { status: answer.status, headers: answer.headers, body: await answer.text() }
  }
  return { url: helpdesk.url, get }
}

test('startHelpdesk() lets nobody in without its token', async (t) => {
  const { get } = await started(t)
  for (const authorization of ['', 'Bearer wrong', TOKEN, `Bearer ${TOKEN} `.repeat(2)]) {
    const answer = await get('/api/v2/users', { authorization })
    t.equal(answer.status, 401, `"${authorization}"`)
    t.equal(answer.headers.get('www-authenticate'), 'Bearer')
    t.notMatch(answer.body, /@example/)
  }
  t.equal((await get('/nowhere', {})).status, 401, 'not even what is not there is told apart')
  await t.rejects(startHelpdesk({ port: 0, host: '127.0.0.1', token: '' }), RangeError)
})

test('startHelpdesk() answers each resource at its one path', async (t) => {
  const { url, get } = await started(t)
  const user = '9007199254740993'
  const ticket = '9007199254741011'
  const record = JSON.parse((await get(`/api/v2/users/${user}`)).body) as {
    user: { organization_id: number }
  }
  const paths: Record<string, string> = {
    '/api/v2/tickets': 'tickets',
    [`/api/v2/tickets/${ticket}`]: 'ticket',
    [`/api/v2/tickets/${ticket}/comments`]: 'comments',
    '/api/v2/users': 'users',
    [`/api/v2/users/${user}`]: 'user',
    [`/api/v2/users/${user}/identities`]: 'identities',
    [`/api/v2/organizations/${record.user.organization_id}`]: 'organization',
    '/api/v2/search?query=alvaro': 'results',
    '/api/v2/users/search?query=alvaro': 'users',
  }
  for (const [path, member] of Object.entries(paths)) {
    const answer = await get(path)
    t.equal(answer.status, 200, path)
    t.equal(answer.headers.get('content-type'), 'application/json; charset=utf-8')
    t.match(answer.headers.get('cache-control'), /private/)
    const whole = JSON.parse(answer.body) as Record<string, unknown>
    t.ok(whole[member], `${path} has ${member}`)
    t.ok(answer.body.replaceAll(String.raw`\/`, '/').includes(`${url}/`), 'links to itself')
    t.notMatch(answer.body, /helpdesk\.example\.com/)
  }
})

test('startHelpdesk() finds nothing at any other spelling', async (t) => {
  const { get } = await started(t)
  const id = '9007199254740993'
  for (const path of [
    '/',
    '/api/v2/users/',
    '/api/v2/users.json',
    `/api/v2/users/${id}.json`,
    `/api/v2/users/${id}/`,
    `/api/v2/users/0${id}`,
    '/api/v2/users/9007199254740994',
    '/api/v2/users/%39007199254740993',
    '/api/v2//users',
    '/api/v2/organizations',
    '/api/v2/users/constructor',
    `/api/v2/tickets/${id}/comments`,
  ]) {
    const answer = await get(path)
    t.equal(answer.status, 404, path)
    t.equal(answer.body, '{"error":"RecordNotFound","description":"Not found"}')
  }
  const posted = await get('/api/v2/users', { authorization: `Bearer ${TOKEN}` }, 'POST')
  t.equal(posted.status, 405)
  t.equal(posted.headers.get('allow'), 'GET, HEAD, PUT')
})

test('startHelpdesk() sends ids over 2^53 digit for digit and tells twins apart', async (t) => {
  const { get } = await started(t)
  for (const id of ['9007199254740993', '9007199254740992']) {
    const { body } = await get(`/api/v2/users/${id}`)
    t.equal(membersOf(membersOf(body).get('user') ?? '').get('id'), id)
  }
  const { body } = await get('/api/v2/users')
  const listed = elementsOf(membersOf(body).get('users') ?? '')
  const ids = listed.map((record) => membersOf(record).get('id') ?? '')
  for (const id of ids.filter((candidate) => BigInt(candidate) > 2n ** 53n)) {
    const one = await get(`/api/v2/users/${id}`)
    t.equal(one.status, 200)
    t.ok(
      listed.some((record) => one.body === `{"user":${record}}`),
      'same bytes alone and in the list',
    )
  }
})

test('startHelpdesk() cuts lists to pages whose links lead through all of them once', async (t) => {
  const { url, get } = await started(t)
  const seen: string[] = []
  let next: string | null = '/api/v2/tickets?per_page=70'
  let pages = 0
  while (next !== null) {
    const { body } = await get(next)
    const whole = membersOf(body)
    seen.push(
      ...elementsOf(whole.get('tickets') ?? '').map((one) => membersOf(one).get('id') ?? ''),
    )
    t.equal(whole.get('count'), '300')
    t.equal(whole.get('previous_page') === 'null', pages === 0)
    const link = JSON.parse(whole.get('next_page') ?? '') as string | null
    if (link !== null) t.ok(link.startsWith(`${url}/api/v2/tickets?`))
    next = link?.slice(url.length) ?? null
    pages += 1
  }
  t.equal(pages, 5)
  t.equal(new Set(seen).size, 300)
  const lengthOf = async (query: string): Promise<number> =>
    elementsOf(membersOf((await get(`/api/v2/users?${query}`)).body).get('users') ?? '').length
  t.equal(await lengthOf('per_page=5000'), 100, 'a page holds 100 at most')
  for (const odd of [
    'per_page=0',
    'per_page=-1',
    'page=x',
    'page=1e9',
    'page=99999999999999999999',
  ]) {
    t.equal(await lengthOf(odd), 100, odd)
  }
  t.equal(await lengthOf('page=4'), 0, 'past the end')
})

test('startHelpdesk() searches users by field, prefix and word', async (t) => {
  const { get } = await started(t)
  const names = async (query: string) => {
    const answer = await get(`/api/v2/users/search?query=${encodeURIComponent(query)}`)
    return (JSON.parse(answer.body) as { users: { name: string }[] }).users.map(({ name }) => name)
  }
  const alvaro = ['Álvaro Fernández']
  t.same(await names('email:alvaro.fernandez@example.net'), alvaro)
  t.same(await names('email:ALVARO.fernandez@example.net role:end-user'), alvaro)
  t.same(await names('email:alvaro.f*'), alvaro)
  t.same(await names('email:alvaro'), [], 'no part but a prefix with a star')
  t.same(await names('email:alvaro.fernandez@example.net -role:end-user'), [])
  t.same(await names('"+18085550103"'), alvaro, 'a word stands anywhere')
  t.same(await names(''), [])
  t.ok((await names('role:end-user')).length > 1)
})

test('startHelpdesk() searches tickets and users whatever their spelling', async (t) => {
  const { get } = await started(t)
  const results = async (
    query: string,
  ): Promise<readonly { result_type: string; name?: string }[]> =>
    JSON.parse((await get(`/api/v2/search?query=${encodeURIComponent(query)}`)).body).results
  const first = JSON.parse((await get('/api/v2/users/9007199254740992')).body) as {
    user: { name: string }
  }
  t.notMatch(first.user.name, /^[\x20-\x7e]+$/, 'a name that is escaped where it is stored')
  const found = await results(first.user.name.toUpperCase())
  t.ok(found.some((one) => one.result_type === 'user' && one.name === first.user.name))
  t.ok(found.some((one) => one.result_type === 'ticket'))
  t.same(await results(''), [])
  t.same(await results('no such words'), [])
})

test('startHelpdesk() tags each answer and keeps silent where the tag is known (RFC 9110 13.1.2)', async (t) => {
  const { get } = await started(t)
  const authorization = `Bearer ${TOKEN}`
  const first = await get('/api/v2/tickets')
  const tag = first.headers.get('etag') ?? ''
  t.match(tag, /^"[\w-]{43}"$/)
  for (const known of [tag, `W/${tag}`, `"other", ${tag}`, '*']) {
    const again = await get('/api/v2/tickets', { authorization, 'if-none-match': known })
    t.equal(again.status, 304, known)
    t.equal(again.body, '')
  }
  const other = await get('/api/v2/users', { authorization, 'if-none-match': tag })
  t.equal(other.status, 200)
  const head = await get('/api/v2/tickets', { authorization }, 'HEAD')
  t.equal(head.body, '')
  t.equal(head.headers.get('content-length'), String(Buffer.byteLength(first.body)))
})

test('startHelpdesk() does not take an absolute target for a path', async (t) => {
  const { url } = await started(t)
  const status = await new Promise((resolve, reject) => {
    const sent = request(url, {
      path: 'http://elsewhere.example/api/v2/users',
      headers: { authorization: `Bearer ${TOKEN}` },
    })
    sent.on('error', reject)
    sent.on('response', (answer) => {
      void text(answer).then(() => resolve(answer.statusCode))
    })
    sent.end()
  })
  t.equal(status, 404)
})

test('startHelpdesk() rejects where the port is taken, and close() frees it', async (t) => {
  const first = await startHelpdesk({ port: 0, host: '127.0.0.1', token: TOKEN })
  const port = Number(new URL(first.url).port)
  await t.rejects(startHelpdesk({ port, host: '127.0.0.1', token: TOKEN }), { code: 'EADDRINUSE' })
  await first.close()
  const second = await startHelpdesk({ port, host: '127.0.0.1', token: TOKEN })
  t.equal(second.url, first.url)
  await second.close()
})
