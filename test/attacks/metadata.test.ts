/** Section G of the threat model: what an answer says beside its body, and what caches may make of it. */
import { randomBytes } from 'node:crypto'
import { test } from 'tap'
import type { PolicyDocument } from '../../src/rules/policy/document.ts'
import { shippedPolicy } from '../helpers/gateway.ts'
import { userBody } from '../helpers/helpdesk-answers.ts'
import { headerValues } from '../helpers/http-message.ts'
import { jsonAnswer } from '../helpers/upstream-answers.ts'
import { startWorld, type World } from '../helpers/world.ts'
import {
  createTally,
  get,
  runAttacks,
  summarize,
  type Attack,
  type Outcome,
} from './attack-table.ts'
import { cookieRows } from './cookie-rows.ts'
import { cursorRows, withCursors } from './cursor-rows.ts'
import { linkRows, withLinks } from './link-rows.ts'
import { bearer, USER } from './token-rows.ts'

const CACHED = ['etag']

function withMetadata(policy: PolicyDocument): PolicyDocument {
  return {
    ...policy,
    limits: { bodyBytesMax: 65_536 },
    routes: policy.routes.map((route) => ({
      ...route,
      answerHeaders: { 'x-ratelimit-remaining': 'integer', 'x-api-version': ['v1', 'v2'] },
      ...(route.match.startsWith('GET ') && { cache: { maxAge: '60s' } }),
    })),
  }
}

test('section G: headers that a route lists pass where they say what they may', async (t) => {
  const world = await startWorld(t, { change: withMetadata })
  const token = await world.token()
  const rows = [...headerRows(world, token), ...cookieRows(world, token)]
  summarize(t, await runAttacks(t, world, rows, createTally()))
})

test('section G: redirects and links lead to the gateway, or nowhere', async (t) => {
  const world = await startWorld(t, { change: withLinks })
  summarize(t, await runAttacks(t, world, linkRows(world, await world.token()), createTally()))
})

test('section G: cursors that carry data are sealed', async (t) => {
  const env = { CELOSIA_CURSOR_KEY: randomBytes(32).toString('base64') }
  const world = await startWorld(t, { change: withCursors, env })
  const tokens = [await world.token(), await world.token({ subject: 'agent-2' })] as const
  summarize(t, await runAttacks(t, world, cursorRows(world, ...tokens), createTally()))
})

function headerRows({ canaries }: World, token: string): Attack[] {
  const leak = canaries.make('text', 'header.leak')
  const digits = canaries.make('phone', 'user.phone').slice(1)
  const row = (
    name: string,
    headers: readonly (readonly [string, string])[],
    passed: Readonly<Record<string, string>>,
  ): Attack => ({
    id: 'G81',
    name: `header: ${name}`,
    send: get(USER, bearer(token)),
    answer: jsonAnswer(userBody(canaries), { headers }),
    expect: ['permit'],
    headers: [...CACHED, ...Object.keys(passed)],
    mayBeCached: true,
    check: (t, { headers: got }) => {
      for (const [header, value] of Object.entries(passed))
        t.same(headerValues(got, header), [value])
    },
  })
  const remaining = 'X-RateLimit-Remaining'
  return [
    row(
      'listed',
      [
        [remaining, '42'],
        ['X-Api-Version', 'v2'],
      ],
      { 'x-ratelimit-remaining': '42', 'x-api-version': 'v2' },
    ),
    row('in other case', [['x-ratelimit-REMAINING', '42']], { 'x-ratelimit-remaining': '42' }),
    row(
      'not listed',
      [
        ['X-Total-Count', '7'],
        ['X-User', leak],
      ],
      {},
    ),
    row(
      'with another value',
      [
        [remaining, leak],
        ['X-Api-Version', 'v3'],
      ],
      {},
    ),
    row(
      'twice',
      [
        [remaining, '42'],
        [remaining, '43'],
      ],
      {},
    ),
    row('as a list', [[remaining, '42, 43']], {}),
    row(
      'in another spelling',
      [
        [remaining, '042'],
        ['X-Api-Version', 'V1'],
      ],
      {},
    ),
    row(
      'empty',
      [
        [remaining, ''],
        ['X-Api-Version', ''],
      ],
      {},
    ),
    row('longer than a number is', [[remaining, `${digits}${digits}`]], {}),
    ...[
      'ETag',
      'Last-Modified',
      'Set-Cookie',
      'Location',
      'Link',
      'Age',
      'Expires',
      'Retry-After',
    ].map((name) => row(name, [[name, `"${leak}"`]], {})),
    row('Cache-Control for all', [['Cache-Control', 'public, max-age=600']], {}),
    ...(
      [
        ['seconds', '120', ['120']],
        ['nothing', '', []],
        ['a date', 'Fri, 31 Dec 2027 23:59:59 GMT', []],
        ['more than a day', '86401', []],
        ['a value', leak, []],
        ['a fraction', '1.5', []],
      ] as const
    ).map(([name, value, passed]): Attack => ({
      id: 'G81',
      name: `Retry-After of an error: ${name}`,
      send: get(USER, bearer(token)),
      answer: jsonAnswer('{}', {
        status: 429,
        headers: [
          ['Retry-After', value],
          [remaining, '0'],
        ],
      }),
      expect: [{ reason: 'upstream-error', status: 429 }],
      check: (t, { headers }) => void t.same(headerValues(headers, 'retry-after'), passed),
    })),
  ]
}

test('section G: what a cache may keep is for one role, under one policy, of these bytes', async (t) => {
  const world = await startWorld(t, { change: withMetadata })
  const { canaries, upstream, gateway } = world
  const agent = await world.token()
  const lead = await world.token({ roles: ['lead'], subject: 'lead-1' })
  const tags = { agent: '', lead: '' }
  const email = canaries.make('email', 'user.email')
  const ofLead = [email, canaries.make('phone', 'user.phone'), canaries.make('name', 'user.name')]
  const upstreamTag = [
    ['ETag', '"upstream"'],
    ['Last-Modified', 'x'],
    ['Cache-Control', 'public'],
  ] as const
  const fresh = (role: 'agent' | 'lead', name: string, ...lines: readonly string[]): Attack => ({
    id: 'G81',
    name,
    send: get(USER, bearer(role === 'lead' ? lead : agent), ...lines),
    answer: jsonAnswer(userBody(canaries), { headers: upstreamTag }),
    expect: ['permit'],
    headers: CACHED,
    mayBeCached: true,
    ...(role === 'lead' && { allowed: ofLead }),
    check: (t, { headers, body }) => {
      t.same(headerValues(headers, 'cache-control'), ['private, max-age=60'])
      t.same(headerValues(headers, 'vary'), ['Authorization, Celosia-Reveal'])
      t.equal(body.toString().includes(email), role === 'lead')
      const [tag = ''] = headerValues(headers, 'etag')
      t.match(tag, /^"[A-Za-z0-9_-]{24}"$/)
      if (tags[role] !== '') t.equal(tag, tags[role], 'the same bytes, the same tag')
      tags[role] = tag
      const asked = upstream.requests[0]?.headers ?? []
      t.same(headerValues(asked, 'if-none-match'), [], 'the upstream is asked without a condition')
    },
  })
  const known = (role: 'agent' | 'lead', name: string, condition: string): Attack => ({
    id: 'G81',
    name,
    send: get(USER, bearer(role === 'lead' ? lead : agent), `If-None-Match: ${condition}`),
    expect: [{ reason: 'role-permits', status: 304 }],
    headers: CACHED,
    mayBeCached: true,
    check: async (t, { headers, body, recordsAtFirstByte = [] }) => {
      t.equal(body.length, 0)
      t.same(headerValues(headers, 'etag'), [tags[role]])
      t.same(headerValues(headers, 'cache-control'), ['private, max-age=60'])
      const last = recordsAtFirstByte.at(-1) as { unmapped: { celosia: { classes: object[] } } }
      t.ok(last.unmapped.celosia.classes.length > 0, 'what the bytes expose is on record')
    },
  })
  const run = (rows: readonly Attack[]) => runAttacks(t, world, rows, createTally())

  await run([fresh('agent', 'an agent asks'), fresh('lead', 'a lead asks')])
  t.not(tags.agent, tags.lead)
  await run([
    known('agent', 'the agent asks again', tags.agent),
    known('lead', 'the lead asks again', tags.lead),
    fresh('agent', 'the agent has the tag of the lead', `If-None-Match: ${tags.lead}`),
    fresh('lead', 'the lead has the tag of the agent', `If-None-Match: ${tags.agent}`),
    fresh('agent', 'the tag of the upstream', 'If-None-Match: "upstream"'),
    fresh('agent', 'a tag that is none', `If-None-Match: ${tags.agent.replaceAll('"', '')}`),
    fresh('agent', 'a date', 'If-Modified-Since: Mon, 01 Jan 2035 00:00:00 GMT'),
    fresh('agent', 'a range', 'Range: bytes=0-3', `If-Range: ${tags.agent}`),
    fresh('agent', 'another condition', `If-Match: "x"`),
    known('agent', 'one of several tags', `"a", W/"b", ${tags.agent}`),
    known('agent', 'a weak tag', `W/${tags.agent}`),
    known('agent', 'any tag', '*'),
    fresh('agent', 'a list without end', `If-None-Match: ${'"x",'.repeat(1_500)}${tags.agent}`),
  ])
  const bare = (name: string, answer: Buffer, expect: readonly Outcome[]): Attack => ({
    id: 'G81',
    name,
    send: get(USER, bearer(agent), `If-None-Match: ${tags.agent}, *`),
    answer,
    expect,
    check: (t, { headers }) => {
      t.same(headerValues(headers, 'etag'), [])
      t.same(headerValues(headers, 'cache-control'), ['no-store'])
    },
  })
  const body = userBody(canaries)
  await run([
    bare('201 is not kept', jsonAnswer(body, { status: 201 }), [
      { reason: 'role-permits', status: 201 },
    ]),
    bare('an error is not kept', jsonAnswer(body, { status: 404 }), [
      { reason: 'upstream-error', status: 404 },
    ]),
    {
      ...bare('HEAD is not kept', jsonAnswer(body), ['permit']),
      send: Buffer.from(get(USER, bearer(agent)).toString().replace('GET', 'HEAD')),
      options: { headOnly: true },
    },
  ])
  const before = { ...tags }
  tags.agent = ''
  const changed: Attack = {
    ...fresh('agent', 'after the record has changed', `If-None-Match: ${before.agent}`),
    answer: jsonAnswer(body.replace('"end-user"', '"admin"')),
  }
  await run([changed])
  t.not(tags.agent, before.agent)
  tags.agent = ''
  t.equal(
    await gateway.reload({ ...withMetadata(shippedPolicy()), marks: { header: true } }),
    'reloaded',
  )
  await run([fresh('agent', 'after the policy has changed', `If-None-Match: ${before.agent}`)])
  t.not(tags.agent, before.agent, 'another policy, another tag')
})
