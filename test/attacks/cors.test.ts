/**
 * B24, I112: scripts of other origins. Preflights are answered from the policy's own list and tell nothing about routes; no origin
 * but a listed one is ever allowed.
 */
import { test } from 'tap'
import { header } from '../helpers/raw-client.ts'
import { startWorld, type World } from '../helpers/world.ts'
import {
  assertRefusalsCounted,
  createTally,
  get,
  rawRequest,
  runAttacks,
  summarize,
  type Attack,
} from './attack-table.ts'
import { writingPolicy } from './writing-policy.ts'

const DESK = 'https://desk.example.com'
const LOCAL = 'http://localhost:3000'
const USER = '/api/v2/users/7'

test('scripts of other origins', async (t) => {
  const cors = { origins: [DESK, LOCAL], headers: ['authorization', 'content-type'], maxAge: '5m' }
  const world = await startWorld(t, { change: (shipped) => ({ ...writingPolicy(shipped), cors }) })
  const agent = `Authorization: Bearer ${await world.token()}`
  const rows = [...preflightRows(), ...originRows(), ...answerRows(world, agent)]
  const tally = await runAttacks(t, world, rows, createTally())
  await assertRefusalsCounted(t, world, tally)
  summarize(t, tally)
})

test('without a list no origin is allowed, and OPTIONS is a method like others that no route has', async (t) => {
  const world = await startWorld(t)
  const agent = `Authorization: Bearer ${await world.token()}`
  const bare: Attack['check'] = (sub, exchange) => {
    sub.equal(header(exchange, 'access-control-allow-origin'), undefined)
    sub.notMatch(header(exchange, 'vary') ?? '', /Origin/)
  }
  const rows: readonly Attack[] = [
    {
      id: 'B24',
      name: 'a preflight',
      send: preflight(USER, DESK),
      expect: ['token-missing'],
      closed: true,
      check: bare,
    },
    {
      id: 'B24',
      name: 'a request with an origin',
      send: get(USER, agent, `Origin: ${DESK}`),
      expect: ['permit'],
      check: bare,
    },
  ]
  const tally = await runAttacks(t, world, rows, createTally())
  await assertRefusalsCounted(t, world, tally)
})

function preflight(target: string, origin: string, ...lines: readonly string[]): Buffer {
  return rawRequest(`OPTIONS ${target} HTTP/1.1`, [
    'Host: a',
    `Origin: ${origin}`,
    'Access-Control-Request-Method: GET',
    ...lines,
  ])
}

function preflightRows(): Attack[] {
  const same: Attack['check'] = (t, exchange) => {
    t.equal(header(exchange, 'access-control-allow-origin'), DESK)
    t.equal(
      header(exchange, 'access-control-allow-methods'),
      'DELETE, GET, HEAD, PATCH, POST, PUT',
      'the methods of all routes',
    )
    t.equal(header(exchange, 'access-control-allow-headers'), 'authorization, content-type')
    t.equal(header(exchange, 'access-control-max-age'), '300')
    t.equal(header(exchange, 'access-control-allow-credentials'), undefined)
    t.match(header(exchange, 'vary'), /^Origin, Access-Control-Request-Method/)
    t.equal(exchange.body.length, 0)
  }
  const targets = [USER, '/api/v2/webhooks', '/nowhere', '/metrics']
  return [
    ...targets.map((target): Attack => ({
      id: 'B24',
      name: `a preflight for ${target}: the same answer, whether there is a route or not`,
      send: preflight(target, DESK),
      expect: ['preflight-answered'],
      check: same,
    })),
    {
      id: 'B24',
      name: 'a preflight for methods and headers that are not listed tells what is',
      send: preflight(USER, DESK, 'Access-Control-Request-Headers: x-api-key, cookie'),
      expect: ['preflight-answered'],
      check: same,
    },
    {
      id: 'B24',
      name: 'two preflights and a request on one connection',
      send: Buffer.concat([preflight(USER, DESK), preflight(USER, LOCAL), get(USER)]),
      expect: ['preflight-answered', 'preflight-answered', 'token-missing'],
      closed: true,
    },
    {
      id: 'B24',
      name: 'a preflight for an odd target',
      send: preflight('/api/v2/../users', DESK),
      expect: ['target-malformed'],
      closed: true,
    },
    {
      id: 'B24',
      name: 'a preflight with a body',
      send: preflight(USER, DESK, 'Content-Length: 0', 'Transfer-Encoding: chunked'),
      expect: [400],
      closed: true,
    },
    {
      id: 'B24',
      name: 'OPTIONS without a method to ask for is no preflight',
      send: rawRequest(`OPTIONS ${USER} HTTP/1.1`, ['Host: a', `Origin: ${DESK}`]),
      expect: ['token-missing'],
      closed: true,
    },
  ]
}

function originRows(): Attack[] {
  const origins = [
    'https://evil.example',
    'null',
    '*',
    'https://desk.example.com.evil.example',
    'https://evildesk.example.com',
    'https://desk.example.com:443',
    'https://desk.example.com/',
    'http://desk.example.com',
    'HTTPS://desk.example.com',
    'https://DESK.example.com',
    'https://desk.example.com, https://evil.example',
    'https://desk.example.com@evil.example',
    'http://localhost:3001',
    'http://localhost',
    'file://',
  ]
  return origins.map((origin) => ({
    id: 'B24',
    name: `a preflight of ${origin}`,
    send: preflight(USER, origin),
    expect: ['origin-refused'],
    closed: true,
    check: (t, exchange) => {
      t.equal(header(exchange, 'access-control-allow-origin'), undefined)
      t.equal(header(exchange, 'vary'), 'Origin')
    },
  }))
}

/** What a script may read of an answer, and of a refusal. */
function answerRows({ upstream }: World, agent: string): Attack[] {
  const allowed =
    (origin: string | undefined): NonNullable<Attack['check']> =>
    (t, exchange) => {
      t.equal(header(exchange, 'access-control-allow-origin'), origin)
      t.match(header(exchange, 'vary'), /Origin/)
      t.match(
        header(exchange, 'access-control-expose-headers') ?? '',
        origin === undefined ? /^$/ : /celosia-masked/,
      )
      const bytes = upstream.connections().map(({ bytes: some }) => some.toString('latin1'))
      t.notMatch(bytes.join(''), /origin:|access-control/i, 'nothing of it goes upstream')
    }
  return [
    {
      id: 'B24',
      name: 'an answer for a listed origin',
      send: get(USER, agent, `Origin: ${LOCAL}`),
      expect: ['permit'],
      check: allowed(LOCAL),
    },
    {
      id: 'B24',
      name: 'an answer for another origin',
      send: get(USER, agent, 'Origin: https://evil.example'),
      expect: ['permit'],
      check: allowed(undefined),
    },
    {
      id: 'B24',
      name: 'an answer for no origin',
      send: get(USER, agent),
      expect: ['permit'],
      check: allowed(undefined),
    },
    {
      id: 'B24',
      name: 'two origins',
      send: get(USER, agent, `Origin: ${DESK}`, 'Origin: https://evil.example'),
      expect: ['permit'],
      check: allowed(undefined),
    },
    {
      id: 'B24',
      name: 'a refusal for a listed origin',
      send: get('/nowhere', agent, `Origin: ${DESK}`),
      expect: ['route-unlisted'],
      check: allowed(DESK),
    },
  ]
}
