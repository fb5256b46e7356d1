/** What a request is recognized by: exactly what the policy spells out, in one header, and nothing beside. */
import { test } from 'tap'
import { findPurpose } from '../../../src/rules/purpose/purpose.ts'
import { compileText, PRELUDE } from '../policy-text.ts'

const { purposes, routes } = compileText(`${PRELUDE}
purposes:
  support:
    derive:
      - { header: referer, match: "https://desk.example.com/agent/tickets/{ticket:integer}" }
      - { header: referer, match: "http://localhost:8080/{ticket:slug}.html" }
      - { header: x-ticket, match: "{ticket:integer}" }
  billing: { derive: [{ header: x-app, match: billing/refunds }] }
  research: {}
classes: {}
roles: { agent: {} }
routes:
  - { match: GET /user, upstream: desk, unlisted: mask, purpose: [research, support, billing] }
  - { match: GET /bill, upstream: desk, unlisted: mask, purpose: [billing] }
`)
const needed = (path: string) => routes.find('GET', [path])?.route.purposes
const USER = needed('user')
const DESK = 'https://desk.example.com/agent/tickets/8123'

test('a request says its purpose, or is recognized by what its route needs', (t) => {
  const found = [
    [{ 'celosia-purpose': 'research' }, 'research', 'celosia-purpose', undefined],
    [{ 'celosia-purpose': 'research', referer: DESK }, 'research', 'celosia-purpose', undefined],
    [{ referer: DESK }, 'support', 'referer', '8123'],
    [{ referer: `${DESK}?tab=1#x` }, 'support', 'referer', '8123'],
    [{ referer: 'https://desk.example.com:443/agent/tickets/1' }, 'support', 'referer', '1'],
    [{ referer: 'http://localhost:8080/a-1.html' }, 'support', 'referer', 'a-1'],
    [{ 'x-ticket': '7' }, 'support', 'x-ticket', '7'],
    [{ 'x-app': 'billing/refunds' }, 'billing', 'x-app', undefined],
    [{ 'x-app': 'billing/refunds', 'x-ticket': '7' }, 'support', 'x-ticket', '7'],
  ] as const
  for (const [headers, name, header, ticket] of found)
    t.same(findPurpose(purposes, USER, headers), { name, header, ticket }, JSON.stringify(headers))
  t.equal(findPurpose(purposes, needed('bill'), { referer: DESK }), undefined, 'not needed here')
  t.equal(findPurpose(purposes, undefined, { referer: DESK }), undefined, 'nobody asks')
  t.end()
})

test('what is merely like it is not it', (t) => {
  const referers = [
    '',
    'https://desk.example.com/',
    'http://desk.example.com/agent/tickets/8123',
    'https://desk.example.com:8443/agent/tickets/8123',
    'https://desk.example.com.evil.example/agent/tickets/8123',
    'https://desk.example.com@evil.example/agent/tickets/8123',
    'https://agent@desk.example.com/agent/tickets/8123',
    'https://evil.example/https://desk.example.com/agent/tickets/8123',
    'https://evil.example/?https://desk.example.com/agent/tickets/8123',
    'https://desk.example.com/agent/tickets/8123/',
    'https://desk.example.com//agent/tickets/8123',
    'https://desk.example.com/Agent/tickets/8123',
    'https://desk.example.com/agent/tickets/08123',
    'https://desk.example.com/agent/tickets/jane%40example.com',
    'https://desk.example.com/agent%2Ftickets/8123',
    ` ${DESK}`,
    `${DESK}, ${DESK}`,
    `${DESK}/${'a'.repeat(4_096)}`,
    'about:client',
    'data:text/plain,x',
    '/agent/tickets/8123',
  ]
  for (const referer of referers)
    t.equal(findPurpose(purposes, USER, { referer }), undefined, referer.slice(0, 80))
  for (const ticket of ['', '7, 7', '7 ', '07', '7/8', 'jane@example.com', '-7', '٧'])
    t.equal(findPurpose(purposes, USER, { 'x-ticket': ticket }), undefined, ticket)
  t.end()
})

test('a name that the policy does not have is none, also beside what would be recognized', (t) => {
  for (const said of ['', 'Support', 'support ', 'support, research', '__proto__', 'x'])
    t.equal(
      findPurpose(purposes, USER, { 'celosia-purpose': said, referer: DESK }),
      'unknown',
      said,
    )
  t.end()
})

test('what all routes need by default, each needs, unless it says that it needs none', (t) => {
  const { routes: all } = compileText(`${PRELUDE.replace('mask }', 'mask, purpose: [support] }')}
purposes: { support: {}, refund: {} }
classes: {}
roles: { agent: {} }
routes:
  - { match: GET /user, upstream: desk }
  - { match: GET /refund, upstream: desk, purpose: [refund] }
  - { match: GET /free, upstream: desk, purpose: none }
`)
  const of = (path: string) => all.find('GET', [path])?.route.purposes
  t.same(of('user'), new Set(['support']))
  t.same(of('refund'), new Set(['refund']))
  t.equal(of('free'), undefined)
  t.end()
})
