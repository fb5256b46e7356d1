/**
 * Sections B and H of the threat model, as far as they are about what a request carries: a body is of a declared type, read in
 * one way only, and holds nothing that the route does not name for this caller.
 */
import { test } from 'tap'
import type { Test } from 'tap'
import { headerValues } from '../helpers/http-message.ts'
import { accessViews } from '../helpers/oracle-records.ts'
import { sendRaw } from '../helpers/raw-client.ts'
import { jsonAnswer, statusAnswer } from '../helpers/upstream-answers.ts'
import { startWorld, type World } from '../helpers/world.ts'
import {
  assertRefusalsCounted,
  createTally,
  get,
  rawRequest,
  runAttacks,
  summarize,
  type Attack,
  type Outcome,
} from './attack-table.ts'
import { writingPolicy } from './writing-policy.ts'

const USER = '/api/v2/users/7'
const COMMENTS = '/api/v2/tickets/9/comments'
const UPLOADS = '/api/v2/uploads'
const SEARCH = '/api/v2/search'
const JSON_TYPE = 'Content-Type: application/json'
const EMPTY = jsonAnswer('{}')
const EXPECTED = ['Content-Length: 2', 'Expect: 100-continue', 'Content-Type: text/plain']

test('sections B and H: what a request may carry', async (t) => {
  const world = await startWorld(t, { change: writingPolicy })
  const agent = `Authorization: Bearer ${await world.token()}`
  const lead = `Authorization: Bearer ${await world.token({ roles: ['lead'], subject: 'lead-1' })}`
  const rows = [
    ...passingRows(world, agent, lead),
    ...memberRows(agent, lead),
    ...typeRows(agent),
    ...formRows(agent),
    ...templateRows(agent),
    ...framingRows(agent),
    ...orderRows(agent),
  ]
  const tally = await runAttacks(t, world, rows, createTally())
  await readIsRead(t, world, agent)
  await abortIsRecorded(t, world, agent)
  await wantedIsTold(t, world, agent)
  // Two bodies that never came: their connections ended within a request.
  tally.refusals.set('request-unreadable', (tally.refusals.get('request-unreadable') ?? 0) + 2)
  await assertRefusalsCounted(t, world, tally)
  summarize(t, tally)
})

interface Sent {
  readonly method?: string
  readonly target: string
  readonly body: string | Buffer
  readonly lines?: readonly string[]
  readonly type?: string
}

function send(agent: string, { method = 'POST', target, body, lines = [], type }: Sent): Buffer {
  const bytes = Buffer.from(body)
  const head = [
    'Host: a',
    agent,
    type ?? JSON_TYPE,
    `Content-Length: ${bytes.length}`,
    ...lines,
  ].filter((line) => line !== '')
  return Buffer.concat([rawRequest(`${method} ${target} HTTP/1.1`, head), bytes])
}

/** What goes upstream is what was checked, under headers of the gateway's own. */
function passingRows({ upstream, gateway }: World, agent: string, lead: string): Attack[] {
  const seen =
    (type: string | undefined, body: string): NonNullable<Attack['check']> =>
    (t) => {
      const [request] = upstream.requests
      t.equal(request?.body.toString(), body, 'the body')
      const headers = request?.headers ?? []
      t.same(headerValues(headers, 'content-type'), type === undefined ? [] : [type])
      t.same(headerValues(headers, 'content-length'), [String(Buffer.byteLength(body))])
      t.same(headerValues(headers, 'authorization'), [`Bearer ${gateway.upstreamToken}`])
      t.same(headerValues(headers, 'transfer-encoding'), [])
      t.same(
        headers
          .map(([name]) => name.toLowerCase())
          .filter((name) => /^x-(?!request-id)/.test(name)),
        [],
      )
    }
  const patch = '{ "user" : {"time_zone":"Madrid","tags":["a"], "name":"J\\u00e1" } }'
  const email = '{"user":{"email":"new@x.example"}}'
  const multipart =
    '--x\r\nContent-Disposition: form-data; name="f"; filename="a"\r\n\r\nhi\r\n--x--\r\n'
  const permitted = { expect: ['permit'] as readonly Outcome[], writes: true, answer: EMPTY }
  const extra = ['X-Forwarded-For: 10.0.0.1', 'X-Api-Key: k', 'Cookie: a=b', 'Content-Language: es']
  return [
    {
      id: 'H90',
      name: 'a patch of what is named goes on byte for byte',
      send: send(agent, { method: 'PATCH', target: USER, body: patch, lines: extra }),
      ...permitted,
      check: seen('application/json', patch),
    },
    {
      id: 'H90',
      name: 'the same in chunks, with a charset and trailers',
      send: rawRequest(
        `PATCH ${USER} HTTP/1.1`,
        [
          'Host: a',
          agent,
          'Content-Type: application/json; charset=UTF-8',
          'Transfer-Encoding: chunked',
        ],
        '5\r\n{"use\r\n1a;x=y\r\nr":{"time_zone":"Madrid"}}\r\n0\r\nContent-Type: text/html\r\n\r\n',
      ),
      ...permitted,
      check: seen('application/json', '{"user":{"time_zone":"Madrid"}}'),
    },
    {
      id: 'H90',
      name: 'a merge patch',
      send: send(agent, {
        method: 'PATCH',
        target: USER,
        body: '{"user":{"time_zone":null}}',
        type: 'content-type: Application/Merge-Patch+JSON',
      }),
      ...permitted,
      check: seen('application/merge-patch+json', '{"user":{"time_zone":null}}'),
    },
    {
      id: 'H86',
      name: 'a class that the role sees may be set',
      send: send(lead, { method: 'PATCH', target: USER, body: email }),
      ...permitted,
      check: seen('application/json', email),
    },
    {
      id: 'H88',
      name: 'a form is written anew',
      send: send(agent, {
        target: COMMENTS,
        body: 'body=a+b%0D%0Ac%21&public=%74rue',
        type: 'Content-Type: application/x-www-form-urlencoded',
      }),
      ...permitted,
      check: seen('application/x-www-form-urlencoded', 'body=a%20b%0D%0Ac!&public=true'),
    },
    {
      id: 'H91',
      name: 'an upload that the route passes unread, on record as such',
      send: send(agent, {
        target: UPLOADS,
        body: multipart,
        type: 'Content-Type: multipart/form-data;boundary=x',
      }),
      ...permitted,
      check: async (t) => {
        await seen('multipart/form-data; boundary="x"', multipart)(t, NOTHING)
        const records = await gateway.records()
        const own = records.at(-1)?.['unmapped'] as { celosia: Record<string, unknown> } | undefined
        t.same(own?.celosia['unchecked'], ['body'])
      },
    },
    {
      id: 'H84',
      name: 'a POST without a body',
      send: rawRequest('POST /api/v2/tickets/9/take HTTP/1.1', ['Host: a', agent]),
      ...permitted,
      check: seen(undefined, ''),
    },
    {
      id: 'H93',
      name: 'a DELETE, answered without content',
      send: rawRequest('DELETE /api/v2/tickets/9 HTTP/1.1', ['Host: a', agent]),
      answer: statusAnswer(204),
      expect: [{ reason: 'role-permits', status: 204 }],
      writes: true,
    },
    {
      id: 'H90',
      name: 'an upstream that cuts the connection is not asked again',
      send: send(agent, { method: 'PATCH', target: USER, body: patch }),
      answer: 'close',
      expect: ['upstream-unreachable'],
      writes: true,
    },
    {
      id: 'H90',
      name: 'an upstream that is overloaded is not asked again',
      send: send(agent, { method: 'PATCH', target: USER, body: patch }),
      answer: statusAnswer(503),
      expect: [{ reason: 'upstream-error', status: 502 }],
      writes: true,
    },
  ]
}

/** Nothing of an exchange that a check does not look at. */
const NOTHING = {} as Parameters<NonNullable<Attack['check']>>[1]

/** H90: what is not named is not written, and what a role may not see it may not set. */
function memberRows(agent: string, lead: string): Attack[] {
  const refused: readonly (readonly [body: string, reason: Outcome])[] = [
    ['{"user":{"role":"admin"}}', 'member-undeclared'],
    ['{"user":{"time_zone":"x","role":"admin"}}', 'member-undeclared'],
    ['{"user":{"time_zone":"x"},"role":"admin"}', 'member-undeclared'],
    ['{"user":{"organization_id":1}}', 'member-undeclared'],
    ['{"user":{"roles":[]}}', 'member-undeclared'],
    ['{"user":{"Time_Zone":"x"}}', 'member-undeclared'],
    ['{"user":{"time_zone":{"$ne":null}}}', 'member-undeclared'],
    ['{"__proto__":{"role":"admin"}}', 'member-undeclared'],
    ['{"user":{"time_zone":"x"},"user":{"role":"admin"}}', 'body-malformed'],
    ['{"user":{"time_zone":"x","time_\\u007aone":"y"}}', 'body-malformed'],
    ['{"user":{"time_zone\\u0000":"x"}}', 'body-malformed'],
    ['{"user":{"time_zone":"x"}} {}', 'body-malformed'],
    ['{"user":{"time_zone":"x"}', 'body-malformed'],
    ['', 'body-malformed'],
    ['[{"user":{"time_zone":"x"}}]', 'member-undeclared'],
    ['{"user":{"email":"j***@x.example","time_zone":"x"}}', 'write-forbidden'],
    ['{"user":{"email":null}}', 'write-forbidden'],
    ['{"user":{"em\\u0061il":"x@y.example"}}', 'write-forbidden'],
    [`{"user":{"time_zone":"${'x'.repeat(5_000)}"}}`, 'body-too-large'],
  ]
  return [
    ...refused.map(([body, reason], index): Attack => ({
      id: reason === 'write-forbidden' ? 'H86' : 'H90',
      name: `${index} PATCH ${body.slice(0, 60)}`,
      send: send(agent, { method: 'PATCH', target: USER, body }),
      expect: [reason],
    })),
    {
      id: 'H90',
      name: 'a lead may not set what is not named either',
      send: send(lead, { method: 'PATCH', target: USER, body: '{"user":{"role":"admin"}}' }),
      expect: ['member-undeclared'],
    },
    {
      id: 'F65',
      name: 'a search in the body by what the role may not see',
      send: send(agent, { target: SEARCH, body: '{"email":"jane@x.example"}' }),
      expect: ['search-forbidden'],
    },
    {
      id: 'H90',
      name: 'a body where the route takes none',
      send: send(agent, { target: '/api/v2/tickets/9/take', body: '{}' }),
      expect: ['body-unexpected'],
    },
    {
      id: 'H90',
      name: 'another method than the route has',
      send: send(agent, { method: 'POST', target: USER, body: '{"user":{"time_zone":"x"}}' }),
      expect: ['route-unlisted'],
    },
    ...['X-HTTP-Method-Override: DELETE', 'X-Method-Override: PUT', 'X-HTTP-Method: DELETE'].map(
      (line): Attack => ({
        id: 'A12',
        name: `a POST with ${line}`,
        send: send(agent, { target: COMMENTS, body: '{"body":"a"}', lines: [line] }),
        answer: EMPTY,
        expect: ['permit'],
        writes: true,
      }),
    ),
  ]
}

function typeRows(agent: string): Attack[] {
  const types = [
    '',
    'Content-Type:',
    'Content-Type: text/plain',
    'Content-Type: application/xml',
    'Content-Type: application/x-www-form-urlencoded',
    'Content-Type: application/json, text/plain',
    'Content-Type: application/json; charset=utf-16',
    'Content-Type: application/json; charset=utf-8; boundary=x',
    'Content-Type: application/json-patch+json',
    'Content-Type: application/csp-report',
    'Content-Type: multipart/form-data; boundary=x',
  ]
  const good = '{"user":{"time_zone":"x"}}'
  return [
    ...types.map((type): Attack => ({
      id: 'B22',
      name: `a body under "${type}"`,
      send: send(agent, { method: 'PATCH', target: USER, body: good, type }),
      expect: ['body-type-undeclared'],
    })),
    {
      id: 'B22',
      name: 'two types',
      send: send(agent, { method: 'PATCH', target: USER, body: good, lines: [JSON_TYPE] }),
      expect: ['header-malformed'],
      closed: true,
    },
    ...['gzip', 'identity', 'br', 'x'].map((coding): Attack => ({
      id: 'B22',
      name: `a body with the coding ${coding}`,
      send: send(agent, {
        method: 'PATCH',
        target: USER,
        body: good,
        lines: [`Content-Encoding: ${coding}`],
      }),
      expect: ['body-type-undeclared'],
    })),
    ...[
      'multipart/form-data',
      'multipart/form-data; boundary="a\\"b"',
      'multipart/mixed; boundary=x',
    ].map((type): Attack => ({
      id: 'H91',
      name: `an upload under ${type}`,
      send: send(agent, { target: UPLOADS, body: '--x--', type: `Content-Type: ${type}` }),
      expect: ['body-type-undeclared'],
    })),
    {
      id: 'H91',
      name: 'a table where uploads are not listed',
      send: send(agent, {
        target: '/api/v2/imports',
        body: 'email\nx@y.example\n',
        type: 'Content-Type: text/csv',
      }),
      expect: ['route-unlisted'],
    },
  ]
}

function formRows(agent: string): Attack[] {
  const bodies: Readonly<Record<string, Outcome>> = {
    'body=a&body=b': 'body-malformed',
    'body=a&b%6fdy=b': 'body-malformed',
    'body=%ff': 'body-malformed',
    'body=%': 'body-malformed',
    'body=a&=b': 'body-malformed',
    'body=a&author_id=1': 'member-undeclared',
    'body=a&body[x]=b': 'member-undeclared',
    'body=%7B%7Bticket.requester.email%7D%7D': 'template-refused',
  }
  return Object.entries(bodies).map(([body, reason]) => ({
    id: 'H90',
    name: `a form ${body}`,
    send: send(agent, {
      target: COMMENTS,
      body,
      type: 'Content-Type: application/x-www-form-urlencoded',
    }),
    expect: [reason],
  }))
}

/** H88: what the helpdesk would fill in is not written by those who may not see it. */
function templateRows(agent: string): Attack[] {
  const texts = [
    '{{ticket.requester.email}}',
    'Hello {{ticket.ticket_field_42}}',
    '${contact.phone}',
    '{% for user in users %}',
    '#{ticket.customer.email}',
    '{\u200b{ticket.requester.email}}',
    '\uff5b\uff5bticket.requester.email\uff5d\uff5d',
    '&#123;&#123;ticket.requester.email}}',
    '{<b></b>{dc.secret}}',
  ]
  return texts.map((text) => ({
    id: 'H88',
    name: `a comment with ${JSON.stringify(text)}`,
    send: send(agent, { target: COMMENTS, body: JSON.stringify({ body: text }) }),
    expect: ['template-refused'],
  }))
}

function unwanted(agent: string): readonly (readonly [name: string, send: Buffer, Outcome])[] {
  const to = (target: string, ...lines: readonly string[]) =>
    rawRequest(`POST ${target} HTTP/1.1`, ['Host: a', ...lines])
  const large = ['Content-Length: 5000', 'Expect: 100-continue', JSON_TYPE]
  return [
    ['nobody', to(COMMENTS, ...EXPECTED), 'token-missing'],
    ['no route', to('/x', agent, ...EXPECTED), 'route-unlisted'],
    ['another type', to(COMMENTS, agent, ...EXPECTED), 'body-type-undeclared'],
    ['too large', to(COMMENTS, agent, ...large), 'body-too-large'],
  ]
}

/** B18, B25: where a body ends is one question with one answer. */
function framingRows(agent: string): Attack[] {
  const good = get(USER, agent)
  const body = '{"body":"a"}'
  const head = (...lines: readonly string[]) =>
    rawRequest(`POST ${COMMENTS} HTTP/1.1`, ['Host: a', agent, JSON_TYPE, ...lines])
  const post = Buffer.concat([head(`Content-Length: ${body.length}`), Buffer.from(body)])
  const smuggled = `GET /api/v2/users/666 HTTP/1.1\r\nHost: a\r\n${agent}\r\n\r\n`
  return [
    ...[
      ['Content-Length: 12', 'Transfer-Encoding: chunked'],
      ['Content-Length: 12', 'Content-Length: 12'],
      ['Content-Length: +12'],
      ['Transfer-Encoding: chunked, identity'],
    ].map((lines): Attack => ({
      id: 'B18',
      name: lines.join(' and '),
      send: Buffer.concat([head(...lines), Buffer.from(body)]),
      expect: [400],
      closed: true,
    })),
    ...['xchunked', 'identity', 'gzip', '"chunked"', 'chunked;x=y'].map((coding): Attack => ({
      id: 'B18',
      name: `Transfer-Encoding: ${coding}`,
      send: Buffer.concat([head(`Transfer-Encoding: ${coding}`), Buffer.from(body)]),
      expect: ['header-malformed'],
      closed: true,
    })),
    {
      id: 'B25',
      name: 'a request behind the body is a request of its own',
      send: Buffer.concat([post, post]),
      answer: EMPTY,
      expect: ['permit', 'permit'],
      writes: true,
    },
    {
      id: 'B25',
      name: 'a request inside the body is none',
      send: Buffer.concat([
        head(`Content-Length: ${smuggled.length}`),
        Buffer.from(smuggled),
        good,
      ]),
      expect: ['body-malformed', 'permit'],
    },
    ...unwanted(agent).map(([name, send, reason]): Attack => ({
      id: 'B20',
      name: `a body is not asked for: ${name}`,
      send,
      expect: [reason],
      closed: true,
      check: (t, { bytes }) => {
        t.notMatch(bytes.toString('latin1'), /100 Continue/)
      },
    })),
    ...[
      head('Content-Length: 2', 'Expect: 100-continue, 200-ok'),
      head('Content-Length: 2', 'Expect: 100-continue', 'Expect: 100-continue'),
      head('Expect: 100-continue'),
      rawRequest(`POST ${COMMENTS} HTTP/1.0`, ['Host: a', agent, ...EXPECTED]),
    ].map((send, index): Attack => ({
      id: 'B20',
      name: `an odd expectation ${index}`,
      send,
      expect: ['header-malformed'],
      closed: true,
    })),
    {
      id: 'B125',
      name: 'a length beyond the limit is refused before a byte of it',
      send: head('Content-Length: 5000'),
      expect: ['body-too-large'],
    },
    {
      id: 'B125',
      name: 'chunks beyond the limit',
      send: Buffer.concat([
        head('Transfer-Encoding: chunked'),
        Buffer.from(`1388\r\n${'x'.repeat(5_000)}\r\n0\r\n\r\n`),
        good,
      ]),
      expect: ['body-too-large', 'permit'],
    },
  ]
}

/** Nothing of a body is read before the caller is known and permitted. */
function orderRows(agent: string): Attack[] {
  const huge = ['Content-Length: 999999999', JSON_TYPE]
  return [
    {
      id: 'B25',
      name: 'a body of nobody is not waited for',
      send: rawRequest(`POST ${COMMENTS} HTTP/1.1`, ['Host: a', ...huge]),
      expect: ['token-missing'],
      closed: true,
    },
    {
      id: 'B25',
      name: 'a body for a route that is not listed is not waited for',
      send: rawRequest('POST /api/v2/webhooks HTTP/1.1', ['Host: a', agent, ...huge]),
      expect: ['route-unlisted'],
    },
  ]
}

/** A search made with POST is recorded as a read, and has no intent. */
async function readIsRead(t: Test, world: World, agent: string) {
  await runAttacks(t, world, [
    {
      id: 'F65',
      name: 'a search in the body by what is no personal data',
      send: send(agent, { target: SEARCH, body: '{"status":"open"}' }),
      answer: EMPTY,
      expect: ['permit'],
      check: async (row) => {
        const view = accessViews(await world.gateway.records()).at(-1)
        row.match(view, { activity: 'Read', method: 'POST', phase: 'outcome' })
      },
    },
  ])
}

/** K116: a caller who goes away within the body has a record, and the upstream is not asked. */
async function abortIsRecorded(t: Test, world: World, agent: string) {
  const { gateway, upstream } = world
  upstream.reset()
  const before = accessViews(await gateway.records()).length
  const head = rawRequest(`POST ${COMMENTS} HTTP/1.1`, [
    'Host: a',
    agent,
    JSON_TYPE,
    'Content-Length: 100',
  ])
  await sendRaw(gateway.port, Buffer.concat([head, Buffer.from('{"body":')]), { abortAfterMs: 100 })
  const added = async () => accessViews(await gateway.records()).slice(before)
  for (let tries = 0; tries < 100 && (await added()).length === 0; tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  t.match(await added(), [{ reasons: ['request-aborted'], status: 499, effect: 'deny' }])
  t.same(upstream.requests, [])
}

/** B20: a caller who asks whether its body is wanted is told so, once it is. */
async function wantedIsTold(t: Test, { gateway, upstream }: World, agent: string) {
  upstream.reset()
  upstream.answer(EMPTY)
  const body = '{"body":"a"}'
  const head = rawRequest(`POST ${COMMENTS} HTTP/1.1`, [
    'Host: a',
    agent,
    JSON_TYPE,
    `Content-Length: ${body.length}`,
    'Expect: 100-Continue',
  ])
  const { bytes } = await sendRaw(gateway.port, [head, 300, Buffer.from(body)])
  t.match(bytes.toString('latin1'), /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 /)
  t.same(
    upstream.requests.map((request) => request.body.toString()),
    [body],
  )
  t.same(
    headerValues(upstream.requests[0]?.headers ?? [], 'expect'),
    [],
    'the upstream is not asked',
  )
}
