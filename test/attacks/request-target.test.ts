/** Section A of the threat model: one record has one address, and nothing else reaches the upstream. */
import { test } from 'tap'
import { headerValues } from '../helpers/http-message.ts'
import { startWorld } from '../helpers/world.ts'
import {
  assertRefusalsCounted,
  createTally,
  get,
  rawRequest,
  runAttacks,
  summarize,
  type Attack,
} from './attack-table.ts'
import { MALFORMED, UNDECLARED, UNLISTED, UNREADABLE } from './odd-targets.ts'

const REWRITE_HEADERS = [
  'X-Original-URL: /api/v2/users/1',
  'X-Rewrite-URL: /api/v2/users/1',
  'X-Forwarded-Uri: /api/v2/users/1',
  'X-Forwarded-Path: /api/v2/users/1',
  'X-Forwarded-Prefix: /api/v2/users',
  'X-Forwarded-Host: evil.example',
  'X-Forwarded-For: 10.0.0.1',
  'X-Forwarded-Proto: https',
  'Forwarded: for=10.0.0.1;host=evil.example',
  'X-Real-IP: 10.0.0.1',
  'X-Accel-Redirect: /api/v2/users/1',
  'X-HTTP-Method-Override: DELETE',
  'X-Method-Override: PUT',
  'X-Original-Host: evil.example',
  'X-Request-Id: injected',
  'Via: 1.1 evil.example',
  'Accept: text/csv',
  'Accept-Encoding: gzip, br',
  'Range: bytes=0-10',
  'If-None-Match: "x"',
  'If-Modified-Since: Mon, 01 Jan 2035 00:00:00 GMT',
  'User-Agent: HealthCheck/1.0',
  'Origin: https://evil.example',
  'Referer: https://evil.example/?q=1',
  'Max-Forwards: 0',
  'Early-Data: 1',
]

test('section A: an odd target never reaches the upstream', async (t) => {
  const world = await startWorld(t)
  const agent = `Authorization: Bearer ${await world.token()}`
  const seenUpstream = (target: string) => (row: typeof t) => {
    const [request] = world.upstream.requests
    row.equal(request?.target, target, 'the target is rebuilt')
    const own = `127.0.0.1:${world.upstream.port}`
    row.same(
      request?.headers.map(([name]) => name.toLowerCase()).toSorted(),
      [
        'accept',
        'accept-encoding',
        'authorization',
        'connection',
        'host',
        'user-agent',
        'x-request-id',
      ],
      'the headers are a fixed list',
    )
    row.same(headerValues(request?.headers ?? [], 'host'), [own], 'the host is the upstream')
    row.same(headerValues(request?.headers ?? [], 'accept'), ['application/json'])
    row.same(headerValues(request?.headers ?? [], 'accept-encoding'), ['identity'])
    row.same(headerValues(request?.headers ?? [], 'authorization'), [
      `Bearer ${world.gateway.upstreamToken}`,
    ])
  }
  const rows: readonly Attack[] = [
    ...each(MALFORMED, (target) => ({
      send: get(target, agent),
      expect: ['target-malformed'],
      closed: true,
    })),
    ...each({ 'A5 not a target at all': UNREADABLE }, (target) => ({
      send: get(target, agent),
      expect: [400],
      closed: true,
    })),
    ...each(UNLISTED, (target) => ({ send: get(target, agent), expect: ['route-unlisted'] })),
    ...each({ 'A9 undeclared parameter': UNDECLARED }, (target) => ({
      send: get(target, agent),
      expect: ['parameter-undeclared'],
    })),
    ...spellingRows(agent, seenUpstream),
    ...hostRows(agent, seenUpstream),
  ]
  const tally = await runAttacks(t, world, rows, createTally())
  await assertRefusalsCounted(t, world, tally)
  summarize(t, tally)
})

type Seen = (target: string) => NonNullable<Attack['check']>

/** What is taken, and how it looks upstream. */
function spellingRows(agent: string, seen: Seen): Attack[] {
  const user = get('/api/v2/users/1', agent)
  return [
    { id: 'A0', name: 'plain', send: user, expect: ['permit'], check: seen('/api/v2/users/1') },
    {
      id: 'A9',
      name: 'parameters are decoded, checked and written anew in the order of the policy',
      send: get('/api/v2/users?per%5Fpage=2&%70age=%31', agent),
      expect: ['permit'],
      check: seen('/api/v2/users?page=1&per_page=2'),
    },
    {
      id: 'A12',
      name: 'headers that rewrite, forward, negotiate or validate',
      send: get('/api/v2/tickets/9', agent, ...REWRITE_HEADERS),
      expect: ['permit'],
      check: seen('/api/v2/tickets/9'),
    },
  ]
}

function hostRows(agent: string, seen: Seen): Attack[] {
  const to = (...lines: readonly string[]) =>
    rawRequest('GET /api/v2/users/1 HTTP/1.1', [...lines, agent])
  const refused = (name: string, send: Buffer): Attack => {
    return { id: 'A15', name, send, expect: ['header-malformed'], closed: true }
  }
  const taken = (name: string, send: Buffer): Attack => {
    return { id: 'A15', name, send, expect: ['permit'], check: seen('/api/v2/users/1') }
  }
  return [
    refused('two hosts', to('Host: a.example', 'Host: b.example')),
    refused('the same host twice', to('Host: a.example', 'host: a.example')),
    refused('a host with a space and a path', to('Host: a b/c')),
    refused('a host with a path', to('Host: a.example/api')),
    refused('a host with a user', to('Host: user@a.example')),
    refused('a list of hosts', to('Host: a.example, b.example')),
    refused('a host with a query', to('Host: a.example?x')),
    refused('an empty host', to('Host:')),
    refused('a host with a port that is none', to('Host: a.example:http')),
    refused('no host with HTTP/1.0', rawRequest('GET /api/v2/users/1 HTTP/1.0', [agent])),
    taken('the host of another tenant', to('Host: other-tenant.example')),
    taken('an IPv6 host', to('Host: [::1]:8080')),
    {
      ...taken(
        'HTTP/1.0 with a host',
        rawRequest('GET /api/v2/users/1 HTTP/1.0', ['Host: a', agent]),
      ),
      closed: true,
    },
    refused('no host with HTTP/1.1', to('X: y')),
  ]
}

/** One row a target: `A1 dot segment` gives the id and the first words of the name. */
function each(
  groups: Readonly<Record<string, readonly string[]>>,
  row: (target: string) => Pick<Attack, 'send' | 'expect' | 'closed'>,
): Attack[] {
  return Object.entries(groups).flatMap(([group, targets]) => {
    const [id = '', ...words] = group.split(' ')
    return targets.map((target) => ({
      id,
      name: `${words.join(' ')} ${JSON.stringify(target.slice(0, 60))}`,
      ...row(target),
    }))
  })
}
