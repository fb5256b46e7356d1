/** Section C of the threat model: answers that leave in a content coding say no more than they say without. */
import { randomBytes } from 'node:crypto'
import { test } from 'tap'
import type { PolicyDocument } from '../../src/rules/policy/document.ts'
import { userBody } from '../helpers/helpdesk-answers.ts'
import { headerValues } from '../helpers/http-message.ts'
import { header, request } from '../helpers/raw-client.ts'
import { chunkedAnswer, jsonAnswer, statusAnswer } from '../helpers/upstream-answers.ts'
import { startWorld, type World } from '../helpers/world.ts'
import { createTally, get, runAttacks, summarize, type Attack } from './attack-table.ts'
import { bearer, USER } from './token-rows.ts'

const BODY_BYTES_MAX = 65_536
const ASKS = 'Accept-Encoding: gzip, br'
const COOKIE = '__Host-access'
const HEADERS = ['content-encoding', 'etag']

function withCompression(policy: PolicyDocument): PolicyDocument {
  return {
    ...policy,
    limits: { bodyBytesMax: BODY_BYTES_MAX },
    keys: { ...policy.keys, cursor: { version: 1, env: 'CELOSIA_CURSOR_KEY' } },
    identity: {
      ...policy.identity,
      cookie: { name: COOKIE, origins: ['https://desk.example.com'] },
    },
    routes: policy.routes.map((route) => ({
      ...route,
      // One route stays as it is.
      ...(!route.match.includes('/tickets') && { compress: ['br', 'gzip'] as const }),
      ...(route.match === `GET /api/v2/users/{id:integer}` && {
        cache: { maxAge: '60s' },
        errors: { plain: ['$.error'], fixture: 'none' },
      }),
    })),
  }
}

function startCompressing(t: Parameters<typeof startWorld>[0]): Promise<World> {
  const env = { CELOSIA_CURSOR_KEY: randomBytes(32).toString('base64') }
  return startWorld(t, { change: withCompression, env })
}

/** A user with a tag so long that a coding is worth it. */
function largeUser({ canaries }: World): string {
  return userBody(canaries).replace('"vip"', `"${'v'.repeat(2_000)}"`)
}

test('section C: answers leave in a coding where route and caller want it', async (t) => {
  const world = await startCompressing(t)
  const token = await world.token()
  const large = jsonAnswer(largeUser(world))
  const row = (name: string, lines: readonly string[], more: Partial<Attack>): Attack => ({
    id: 'C33',
    name,
    send: get(USER, bearer(token), ...lines),
    answer: large,
    expect: ['permit'],
    headers: HEADERS,
    mayBeCached: true,
    ...more,
  })
  const says =
    (coding: string | undefined): NonNullable<Attack['check']> =>
    (t, { headers, body, bytes }) => {
      t.same(headerValues(headers, 'content-encoding'), coding === undefined ? [] : [coding])
      t.same(headerValues(headers, 'vary'), ['Authorization, Celosia-Reveal, Accept-Encoding'])
      t.doesNotThrow(() => JSON.parse(body.toString()), 'what comes out is the masked document')
      const sent = bytes.length - bytes.indexOf('\r\n\r\n') - 4
      t.same(headerValues(headers, 'content-length'), [String(sent)])
      t.equal(sent < body.length, coding !== undefined)
    }
  const plain = (name: string, lines: readonly string[], more: Partial<Attack> = {}) =>
    row(name, lines, { check: says(undefined), ...more })
  const coded = (name: string, lines: readonly string[], coding: string) =>
    row(name, lines, { check: says(coding) })
  const error = (name: string, answer: Buffer, expect: Attack['expect']) =>
    row(name, [ASKS], {
      answer,
      expect: expect ?? [],
      check: (t, { headers, body }) => {
        t.same(headerValues(headers, 'content-encoding'), [])
        t.doesNotThrow(() => JSON.parse(body.toString()))
      },
    })
  const rows = [
    plain('not asked for', []),
    plain('asked for something else', ['Accept-Encoding: zstd, deflate, x-gzip']),
    plain('refused', ['Accept-Encoding: gzip;q=0, br;q=0']),
    plain('malformed', ['Accept-Encoding: gzip;q=2']),
    plain('in two headers that disagree', ['Accept-Encoding: gzip', 'Accept-Encoding: gzip;q=0']),
    plain('small', [ASKS], { answer: jsonAnswer(userBody(world.canaries)) }),
    coded('gzip', ['Accept-Encoding: gzip'], 'gzip'),
    coded('both', [ASKS], 'br'),
    coded('in two headers', ['Accept-Encoding: br;q=0.1', 'Accept-Encoding: gzip'], 'gzip'),
    coded('anything', ['Accept-Encoding: *'], 'br'),
    plain('a token that the browser brings', [ASKS, 'Sec-Fetch-Site: same-origin'], {
      send: get(USER, `Cookie: ${COOKIE}=${token}`, ASKS, 'Sec-Fetch-Site: same-origin'),
    }),
    row('HEAD says what it knows', [], {
      send: Buffer.from(get(USER, bearer(token), ASKS).toString().replace('GET', 'HEAD')),
      options: { headOnly: true },
      answer: large.subarray(0, large.indexOf('\r\n\r\n') + 4),
      check: (t, { headers, bytes }) => {
        t.same(headerValues(headers, 'content-encoding'), [])
        t.same(headerValues(headers, 'vary'), ['Authorization, Celosia-Reveal, Accept-Encoding'])
        t.ok(bytes.toString('latin1').endsWith('\r\n\r\n'), 'no content')
      },
    }),
    row('no content', [ASKS], {
      answer: statusAnswer(204),
      expect: [{ reason: 'role-permits', status: 204 }],
      check: (t, { headers }) => void t.same(headerValues(headers, 'content-encoding'), []),
    }),
    error('an error that is masked', jsonAnswer({ error: 'v'.repeat(4_000) }, { status: 422 }), [
      { reason: 'upstream-error', status: 422, masked: true },
    ]),
    error('an error that is replaced', jsonAnswer('v'.repeat(4_000), { status: 401 }), [
      { reason: 'upstream-error', status: 502 },
    ]),
    error('a refusal', jsonAnswer('{"user":'), ['upstream-body-refused']),
    row('a route that does not say so', [], {
      send: get('/api/v2/tickets/9', bearer(token), ASKS),
      answer: jsonAnswer(`{"ticket":{"id":9,"status":"${'o'.repeat(3_000)}"}}`),
      mayBeCached: false,
      check: (t, { headers }) => {
        t.same(headerValues(headers, 'content-encoding'), [])
        t.same(headerValues(headers, 'vary'), ['Authorization, Celosia-Reveal'])
      },
    }),
  ]
  summarize(t, await runAttacks(t, world, rows, createTally()))
  t.match(await world.gateway.metrics(), /^celosia_held_bytes 0$/m)
})

test('section G: each coding has a tag of its own, and only its own is current', async (t) => {
  const world = await startCompressing(t)
  const { gateway, upstream } = world
  const token = await world.token()
  upstream.answer(() => jsonAnswer(largeUser(world)))
  const ask = (coding: string, tag?: string) =>
    request(gateway.port, {
      path: USER,
      token,
      headers: [
        ['accept-encoding', coding],
        ...(tag === undefined ? [] : [['if-none-match', tag] as const]),
      ],
    })
  const codings = ['identity', 'gzip', 'br']
  const first = await Promise.all(codings.map((coding) => ask(coding)))
  const tags = first.map((answer) => header(answer, 'etag') ?? '')
  t.equal(new Set(tags).size, 3)
  t.ok(
    first.every(({ body }) => first[0]?.body.equals(body)),
    'decoded they are the same',
  )
  for (const [at, coding] of codings.entries()) {
    for (const [of, tag] of tags.entries()) {
      const again = await ask(coding, tag)
      t.equal(again.status, at === of ? 304 : 200, `${coding} with the tag of ${codings[of]}`)
      t.equal(header(again, 'etag'), tags[at])
      t.match(header(again, 'vary'), /Accept-Encoding/)
      if (again.status === 304) t.equal(header(again, 'content-encoding'), undefined)
    }
  }
})

test('section C: the length of a coded answer does not tell what was masked', async (t) => {
  const world = await startCompressing(t)
  const { gateway, upstream } = world
  const token = await world.token()
  const guess = 'guess-4f1d77a0-8c3e-the-hidden-id'
  const ask = async (hidden: string, coding: string) => {
    const user = { id: 7, user_fields: { national_id: hidden }, tags: [guess, 'v'.repeat(2_000)] }
    upstream.answer(() => jsonAnswer({ user }))
    return request(gateway.port, { path: USER, token, headers: [['accept-encoding', coding]] })
  }
  for (const coding of ['gzip', 'br']) {
    const right = await ask(guess, coding)
    const wrong = await ask('other-63b2e09d-1f57-the-hidden-id', coding)
    t.equal(header(right, 'content-encoding'), coding)
    t.equal(header(right, 'content-length'), header(wrong, 'content-length'))
    t.ok(right.body.equals(wrong.body))
    t.notMatch(wrong.body.toString(), '63b2e09d')
  }
})

test('section C: what is revealed for one request leaves without a coding', async (t) => {
  const world = await startCompressing(t)
  const { gateway, upstream } = world
  upstream.answer(() => jsonAnswer(largeUser(world)))
  const token = await world.token({ roles: ['lead'], subject: 'lead-1' })
  const ask = (...more: readonly (readonly [string, string])[]) =>
    request(gateway.port, { path: USER, token, headers: [['accept-encoding', 'gzip'], ...more] })
  t.equal(header(await ask(), 'content-encoding'), 'gzip')
  const revealed = await ask(['celosia-reveal', 'classes=(payment.card), reason="refund 8123"'])
  t.match(header(revealed, 'celosia-revealed'), 'payment.card')
  t.equal(header(revealed, 'content-encoding'), undefined)
})

test('section C: windows leave in a coding, each on record and whole', async (t) => {
  const world = await startCompressing(t)
  const { gateway, upstream } = world
  const list = (tail: string) => {
    const one = (id: number) => `{"id":${id},"name":"Ada ${id}","email":"canary.${id}@example.com"}`
    return `{"users":[${Array.from({ length: 3_000 }, (_, id) => one(id)).join(',')}${tail}`
  }
  const ask = async (coding: string, tail = ']}') => {
    upstream.reset()
    upstream.answer(() => chunkedAnswer([list(tail)]))
    const token = await world.token({ subject: `agent-${coding}-${tail.length}` })
    return request(
      gateway.port,
      { path: '/api/v2/users', token, headers: [['accept-encoding', coding]] },
      { timeoutMs: 20_000 },
    )
  }
  const windowsOf = async (answer: Awaited<ReturnType<typeof ask>>) =>
    (await gateway.records())
      .filter((event) => event['class_uid'] === 6003)
      .filter((event) => {
        const { uid } = (event['api'] as { request: { uid: string } }).request
        return uid === header(answer, 'celosia-request-id')
      })
      .map((event) => (event['unmapped'] as { celosia: Record<string, unknown> }).celosia)
  const plain = await ask('identity')
  for (const coding of ['gzip', 'br']) {
    const coded = await ask(coding)
    t.equal(header(coded, 'content-encoding'), coding)
    t.equal(header(coded, 'content-length'), undefined)
    t.ok(coded.complete)
    t.ok(coded.bytes.length < plain.bytes.length / 4)
    t.ok(coded.body.equals(plain.body), 'decoded it is the same')
    const windows = await windowsOf(coded)
    t.match(windows[0], { phase: 'opening', bytes_before: 0 })
    t.ok(windows.length > 2)
    const { phase, bytes_before: before } = windows.at(-1) ?? {}
    t.equal(phase, 'closing')
    t.ok(Number(before) <= coded.body.length)
    t.ok(Number(before) > coded.bytes.length, 'the records count masked bytes')
    const broken = await ask(coding, '],,}')
    t.notOk(broken.complete, 'one that cannot go on is cut')
    t.ok(broken.body.length > 0)
    t.notMatch(broken.body.toString(), 'canary')
  }
  t.match(await gateway.metrics(), /^celosia_held_bytes 0$/m)
})

test('section L: a coder is not begun where there is no memory for it', async (t) => {
  const env = { CELOSIA_CURSOR_KEY: randomBytes(32).toString('base64') }
  const change = (shipped: PolicyDocument) => {
    const policy = withCompression(shipped)
    return { ...policy, limits: { ...policy.limits, heldBytesAllMax: 1_048_576 } }
  }
  const world = await startWorld(t, { change, env })
  const { gateway, upstream } = world
  const token = await world.token()
  const large = largeUser(world)
  const list = `{"users":[${Array.from({ length: 3_000 }, (_, id) => `{"id":${id}}`).join(',')}]}`
  upstream.answer(({ target }) => jsonAnswer(target === USER ? large : list.padEnd(90_000)))
  for (const path of [USER, '/api/v2/users']) {
    for (const [coding, status] of [
      ['br', 503],
      ['gzip', 200],
    ] as const) {
      const answer = await request(gateway.port, {
        path,
        token,
        headers: [['accept-encoding', coding]],
      })
      t.equal(answer.status, status, `${path} in ${coding}`)
      if (status === 503) t.match(answer.body.toString(), '"overloaded"')
    }
  }
  t.match(await gateway.metrics(), /^celosia_held_bytes 0$/m)
})
