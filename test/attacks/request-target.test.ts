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

/** Targets that are refused before anybody looks at the token, by what makes them odd. */
const MALFORMED: Readonly<Record<string, readonly string[]>> = {
  'A1 dot segment': [
    '/api/v2/./users/1',
    '/./api/v2/users/1',
    '/api/v2/users/1/.',
    '/api/v2/users/.',
    '/.',
    '/api/v2/%2e/users/1',
    '/api/v2/%2E/users/1',
  ],
  'A1 backslash': [
    '/api/v2\\users\\1',
    '/api/v2/users\\1',
    '/api/v2%5Cusers%5C1',
    '/api/v2/users/1%5c',
    '/\\evil.example/api/v2/users/1',
  ],
  'A2 parent segment': [
    '/api/v2/x/../users/1',
    '/api/v2/users/1/..',
    '/..',
    '/../api/v2/users/1',
    '/api/v2/tickets/../users/1',
    '/api/v2/x/%2e%2e/users/1',
    '/api/v2/x/.%2e/users/1',
    '/api/v2/x/%2E./users/1',
    '/api/v2/x/..%2fusers/1',
    '/api/v2/x/..;/users/1',
    '/api/v2/x/..%5cusers/1',
    '/api/v2/x/..%00/users/1',
  ],
  'A3 encoded separator': [
    '/api/v2/users%2F1',
    '/api/v2/users%2f1',
    '/api%2Fv2%2Fusers%2F1',
    '/api/v2/users%252F1',
    '/api/v2/x/%252e%252e/users/1',
    '/api/v2/users/1%3Fpage=2',
    '/api/v2/users/1%23',
    '/api/v2/users/1%3Bx',
    '/api/v2/users/1%25',
    '/api/v2/users/%C0%AF1',
    '/api/v2/users/%c1%9c1',
    '/api/v2/users/%u002f1',
  ],
  'A3 control character, encoded': [
    '/api/v2/users/1%00',
    '/api/v2/users/1%01',
    '/api/v2/users/1%0d%0aX-Evil:1',
    '/api/v2/users/1%0A',
    '/api/v2/users/1%1F',
    '/api/v2/users/1%7F',
    '/api/v2/users/1%09',
    '/api/v2/users/1%20',
  ],
  'A3 needless or broken escape': [
    '/api/v2/users/%31',
    '/api/v2/%75sers/1',
    '/%61pi/v2/users/1',
    '/api/v2/users/1%',
    '/api/v2/users/1%2',
    '/api/v2/users/1%zz',
    '/api/v2/users/%EF%BC%91',
  ],
  'A5 not in origin-form': [
    'http://127.0.0.1/api/v2/users/1',
    'https://evil.example/api/v2/users/1',
    'HTTP://127.0.0.1:80/api/v2/users/1',
    '*',
    'file:///etc/passwd',
  ],
  'A5 fragment, semicolon, other sub-delimiters': [
    '/api/v2/users/1#x',
    '/api/v2/users/1?page=1#x',
    '/api/v2/users/1;jsessionid=1',
    '/api/v2;x=y/users/1',
    '/api/v2/users;/1',
    '/api/v2/users/{1}',
    '/api/v2/users/1|2',
    '/api/v2/users/"1"',
    '/api/v2/users/<1>',
    '/api/v2/users/`1`',
    '/api/v2/users/1^2',
    '/api/v2/users/[1]',
  ],
  'A9 query string that is none': [
    '/api/v2/users?',
    '/api/v2/users?&',
    '/api/v2/users?=1',
    '/api/v2/users?page=1&',
    '/api/v2/users?&page=1',
    '/api/v2/users?page=1&&per_page=2',
    '/api/v2/users?page=%',
    '/api/v2/users?page=%F',
    '/api/v2/users?page=%FF',
    '/api/v2/users?page=%C0%B1',
    '/api/v2/users?page=%ED%A0%80',
    '/api/v2/users?page=1%00',
    '/api/v2/users?page=1%0d%0aX-Evil:1',
    '/api/v2/users?page=1%7F',
    '/api/v2/users?%00=1',
    `/api/v2/users?${'a=1&'.repeat(100)}a=1`,
    `/api/v2/users?page=${'1'.repeat(8_192)}`,
    `/api/v2/users/${'1'.repeat(8_192)}`,
  ],
}

/** Targets that Node's parser refuses already. */
const UNREADABLE = ['\\api\\v2\\users\\1', 'evil.example:443', 'api/v2/users/1', '?page=1']

/** Targets that are well-formed and of no route: 404 for whoever is known. */
const UNLISTED: Readonly<Record<string, readonly string[]>> = {
  'A4 case and wildcard': [
    '/api/v2/Users/1',
    '/API/v2/users/1',
    '/api/V2/users/1',
    '/api/v2/USERS',
    '/api/v2/users/*',
    '/api/v2/*',
    '/*',
    '/',
  ],
  'A4 path of the inside': [
    '/upstream/helpdesk/api/v2/users/1',
    '/upstream/helpdesk/',
    '/refused',
    '/api/v2/users/1/refused',
  ],
  'A6 slashes': [
    '//api/v2/users/1',
    '///api/v2/users/1',
    '/api//v2/users/1',
    '/api/v2//users/1',
    '/api/v2/users//1',
    '/api/v2/users/1/',
    '/api/v2/users/1//',
    '/api/v2/users/',
    '//',
    '//evil.example/api/v2/users/1',
  ],
  'A8 format': [
    '/api/v2/users/1.json',
    '/api/v2/users/1.xml',
    '/api/v2/users/1.csv',
    '/api/v2/users.json',
    '/api/v2/tickets.csv',
    '/api/v2/tickets/export.csv',
    '/api/v2/users/1.',
  ],
  'A8 other spelling of an id': [
    '/api/v2/users/01',
    '/api/v2/users/007',
    '/api/v2/users/+1',
    '/api/v2/users/-1',
    '/api/v2/users/1e3',
    '/api/v2/users/0x1',
    '/api/v2/users/1.0',
    '/api/v2/users/1_000',
    '/api/v2/users/1,2',
    '/api/v2/users/1$',
    '/api/v2/users/12345678901234567890',
    '/api/v2/users/me',
    '/api/v2/users/__proto__',
    '/api/v2/users/constructor',
    '/__proto__/v2/users/1',
    '/constructor',
  ],
  'A78 other door to a record': [
    '/api/v2/users/show_many',
    '/api/v2/incremental/users',
    '/api/v2/deleted_users',
    '/api/v2/deleted_users/1',
    '/api/v2/suspended_tickets',
    '/api/v2/requests/9',
    '/api/v2/tickets/9/audits',
    '/api/v2/activities',
    '/api/v2/search',
    '/api/v2/users/search',
    '/api/v1/users/1',
    '/api/v2/users/1/identities/3',
  ],
}

/** Query strings that are well-formed and not what the route declares. */
const UNDECLARED: readonly string[] = [
  '/api/v2/users/1?page=1',
  '/api/v2/users?format=csv',
  '/api/v2/users?callback=x',
  '/api/v2/users?page=1&callback=x',
  '/api/v2/users?page=1&page=2',
  '/api/v2/users?page=1&%70age=2',
  '/api/v2/users?page[]=1',
  '/api/v2/users?page[0]=1',
  '/api/v2/users?PAGE=1',
  '/api/v2/users?page=',
  '/api/v2/users?page',
  '/api/v2/users?page=01',
  '/api/v2/users?page=-1',
  '/api/v2/users?page=1e1',
  '/api/v2/users?page=1+',
  '/api/v2/users?page=+1',
  '/api/v2/users?page=1%26per_page%3D2',
  '/api/v2/users?page=1;per_page=2',
  '/api/v2/users?page=%EF%BC%91',
  '/api/v2/users?__proto__=1',
  '/api/v2/users?constructor=1',
  '/api/v2/users?access_token=x',
  '/api/v2/users?include=identities',
  '/api/v2/users?fields=email',
  '/api/v2/users?sort_by=email',
]

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
