/**
 * Section I of the threat model where browsers bring tokens by themselves, in a cookie or through a proxy in front: pages of others
 * cause nothing with them, and nobody else can say what the proxy says.
 */
import { randomBytes } from 'node:crypto'
import { test } from 'tap'
import type { PolicyDocument } from '../../src/rules/policy/document.ts'
import { boundTo } from '../helpers/proofs.ts'
import { makeKey } from '../helpers/keys.ts'
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
import { bearer, USER } from './token-rows.ts'

const DESK = 'https://desk.example.com'
const COOKIE = '__Host-access'
const HEADER = 'x-forwarded-access-token'
const SAME = 'Sec-Fetch-Site: same-origin'
const NOTES = '/api/v2/notes'

/** How a browser brings the token, and the policy that takes it so. */
interface Way {
  readonly name: 'a cookie' | 'the header of a proxy'
  readonly line: (token: string) => string
  readonly identity: Partial<PolicyDocument['identity']>
}

const WAYS: readonly Way[] = [
  {
    name: 'a cookie',
    line: (token) => `Cookie: theme=dark; ${COOKIE}=${token}`,
    identity: { cookie: { name: COOKIE, origins: [DESK] } },
  },
  {
    name: 'the header of a proxy',
    line: (token) => `X-Forwarded-Access-Token: ${token}`,
    identity: { tokenHeader: { name: HEADER, networks: ['127.0.0.0/8'], origins: [DESK] } },
  },
]

for (const way of WAYS) {
  test(`section I: requests that others cause with the token in ${way.name}`, async (t) => {
    const world = await startAmbient(t, way.identity)
    const token = await world.token()
    const tokens: string[] = []
    const learn: Attack['check'] = (row, { answers }) => {
      const found = answers[0]?.headers.find(([name]) => name.toLowerCase() === 'celosia-csrf')?.[1]
      row.match(found, /^[A-Za-z0-9_-]{80,}$/, 'the answer brings a token for the next request')
      tokens.push(found ?? '')
    }
    const other = await world.token({ subject: 'agent-2' })
    const later = await world.token({ claims: { sid: 's-2' } })
    const readable = ([value, name]: readonly [string, string]): Attack => ({
      id: 'I94',
      name,
      send: get(USER, way.line(value), SAME),
      expect: ['permit'],
      check: learn,
    })
    const tally = await runAttacks(
      t,
      world,
      [
        readable([token, 'a page of the same origin reads']),
        readable([other, 'and so does somebody else']),
        readable([later, 'and another session of the same subject']),
        ...readRows(way, token),
      ],
      createTally(),
    )
    await runAttacks(t, world, writeRows(way, token, tokens), tally)
    await runAttacks(t, world, await credentialRows(world, way, token), tally)
    await assertRefusalsCounted(t, world, tally)
    summarize(t, tally)
  })
}

test('section I: a token in the header of a proxy that is none', async (t) => {
  const world = await startAmbient(t, {
    tokenHeader: { name: HEADER, networks: ['10.0.0.0/8', '::1/128'], origins: [DESK] },
  })
  const token = await world.token()
  const line = `X-Forwarded-Access-Token: ${token}`
  const row = (name: string, ...lines: readonly string[]): Attack => ({
    id: 'I94',
    name,
    send: get(USER, ...lines, SAME),
    expect: ['token-missing'],
    closed: true,
  })
  const tally = await runAttacks(t, world, [
    row('from another network', line),
    row('with an address of the network claimed', line, 'X-Forwarded-For: 10.0.0.1'),
    row('beside a good token', line, bearer(token)),
    row('a user instead of a token', 'X-Forwarded-User: lead', 'X-Forwarded-Email: lead@x.example'),
    {
      ...row('without it', bearer(token)),
      expect: ['permit'],
      closed: false,
    },
  ])
  summarize(t, tally)
})

function startAmbient(
  t: Parameters<typeof startWorld>[0],
  more: Partial<PolicyDocument['identity']>,
): Promise<World> {
  return startWorld(t, {
    env: { CELOSIA_CURSOR_KEY: randomBytes(32).toString('base64') },
    change: (policy) => ({
      ...policy,
      keys: { ...policy.keys, cursor: { version: 1, env: 'CELOSIA_CURSOR_KEY' } },
      identity: { ...policy.identity, ...more },
      routes: [
        ...policy.routes,
        {
          match: `POST ${NOTES}`,
          upstream: Object.keys(policy.upstreams)[0] ?? '',
          body: { types: ['application/json'], plain: ['$.pinned'], fixture: 'none' },
          unlisted: 'mask',
          write: 'none',
        } as unknown as PolicyDocument['routes'][number],
      ],
    }),
  })
}

/** I94, J112: images, links and scripts of other pages. */
function readRows({ line }: Way, token: string): Attack[] {
  const from: Readonly<Record<string, readonly string[]>> = {
    'an image on another site': ['Sec-Fetch-Site: cross-site', 'Sec-Fetch-Dest: image'],
    'a link on another site': ['Sec-Fetch-Site: cross-site', 'Sec-Fetch-Mode: navigate'],
    'an image on a neighbour': ['Sec-Fetch-Site: same-site'],
    'an address that somebody typed': ['Sec-Fetch-Site: none'],
    'the same, with an origin': ['Sec-Fetch-Site: none', `Origin: ${DESK}`],
    'a browser that does not say': [],
    'a word that is none': ['Sec-Fetch-Site: same-origin, cross-site'],
    'a script of another origin': ['Sec-Fetch-Site: cross-site', 'Origin: https://evil.example'],
    'a script that has to hide': ['Sec-Fetch-Site: cross-site', 'Origin: null'],
    'a host that begins alike': [`Origin: ${DESK}.evil.example`],
    'another scheme': ['Origin: http://desk.example.com'],
    'another port': [`Origin: ${DESK}:8443`],
    'the same origin, and another': [SAME, 'Origin: https://evil.example'],
  }
  return [
    ...Object.entries(from).map(([name, lines]): Attack => ({
      id: 'J112',
      name,
      send: get(USER, line(token), ...lines),
      expect: ['cross-site-refused'],
      check: (row, { answers }) => {
        const names = answers[0]?.headers.map(([header]) => header.toLowerCase()) ?? []
        row.notOk(names.includes('celosia-csrf'), 'and learns no token')
      },
    })),
    {
      id: 'J112',
      name: 'a script of a listed origin',
      send: get(USER, line(token), 'Sec-Fetch-Site: same-site', `Origin: ${DESK}`),
      expect: ['permit'],
    },
    {
      id: 'J112',
      name: 'two origins',
      send: get(USER, line(token), `Origin: ${DESK}`, 'Origin: https://evil.example'),
      expect: ['cross-site-refused'],
    },
    {
      id: 'J112',
      name: 'two sites',
      send: get(USER, line(token), 'Sec-Fetch-Site: cross-site', SAME),
      expect: ['cross-site-refused'],
    },
  ]
}

/** I94: what is not safe needs the token of an answer, too. */
function writeRows({ line }: Way, token: string, tokens: readonly string[]): Attack[] {
  const [own = '', ofOther = '', ofLater = ''] = tokens
  const origin = `Origin: ${DESK}`
  const rows: readonly (readonly [name: string, outcome: Outcome, ...lines: string[]])[] = [
    ['a form on another site', 'cross-site-refused', 'Origin: https://evil.example', csrf(own)],
    ['a form that has to hide', 'cross-site-refused', 'Origin: null', csrf(own)],
    ['no origin', 'cross-site-refused', SAME, csrf(own)],
    ['no origin at all', 'cross-site-refused', csrf(own)],
    ['no token', 'csrf-token-missing', origin, SAME],
    ['an empty token', 'csrf-token-missing', origin, csrf('')],
    ['the token of somebody else', 'csrf-token-missing', origin, csrf(ofOther)],
    ['the token of another session', 'csrf-token-missing', origin, csrf(ofLater)],
    ['a token with a bit changed', 'csrf-token-missing', origin, csrf(`${own.slice(0, -2)}AA`)],
    ['a token with padding', 'csrf-token-missing', origin, csrf(`${own}=`)],
    ['the access token', 'csrf-token-missing', origin, csrf(token)],
    ['a cookie of the same name', 'csrf-token-missing', origin, `X-CSRF-Token: ${own}`],
    ['two tokens', 'header-malformed', origin, csrf(own), csrf(ofOther)],
    ['the token of this session', 'permit', origin, csrf(own)],
    ['once more', 'permit', origin, SAME, csrf(own)],
  ]
  const body = '{"pinned":true}'
  return rows.map(([name, outcome, ...lines]) => ({
    id: 'I94',
    name: `writing, ${name}`,
    writes: true,
    send: rawRequest(
      `POST ${NOTES} HTTP/1.1`,
      [
        'Host: a',
        line(token),
        'Content-Type: application/json',
        `Content-Length: ${body.length}`,
        ...lines,
      ],
      body,
    ),
    expect: [outcome],
    ...(outcome === 'header-malformed' && { closed: true }),
  }))
}

function csrf(token: string): string {
  return `Celosia-CSRF: ${token}`
}

/** I94, I97: one credential, in one place, in one spelling. */
async function credentialRows(world: World, way: Way, token: string): Promise<Attack[]> {
  const { line, name: place } = way
  const bound = await world.token({ claims: await boundTo(await makeKey('ES256')) })
  const inCookie = place === 'a cookie'
  const bad: readonly (readonly [name: string, outcome: Outcome, ...lines: string[]])[] = [
    ['no token', 'token-missing', SAME],
    ['an empty one', inCookie ? 'token-invalid' : 'token-invalid', line(''), SAME],
    ['two in one', 'token-invalid', line(`${token},${token}`), SAME],
    ['one in quotes', 'token-invalid', line(`"${token}"`), SAME],
    ['one with padding', 'token-invalid', line(`${token}=`), SAME],
    ['one that is bound to a key', 'token-invalid', line(bound), SAME],
    ...(inCookie
      ? ([
          ['two cookies', 'token-missing', `Cookie: ${COOKIE}=${token}; ${COOKIE}=x`, SAME],
          [
            'a cookie in other case',
            'token-missing',
            `Cookie: ${COOKIE.toLowerCase()}=${token}`,
            SAME,
          ],
          ['a cookie without its prefix', 'token-missing', `Cookie: access=${token}`, SAME],
        ] as const)
      : ([
          ['with a scheme', 'token-invalid', line(`Bearer ${token}`), SAME],
          ['twice', 'token-invalid', line(token), line(token), SAME],
          ['beside another', 'token-missing', line(token), bearer(token), SAME],
        ] as const)),
  ]
  const rows = bad.map(([name, outcome, ...lines]): Attack => ({
    id: 'I97',
    name: `${place}: ${name}`,
    send: get(USER, ...lines),
    expect: [outcome],
    closed: true,
  }))
  const plain: Attack = {
    id: 'I94',
    name: 'who brings a token on purpose is asked for nothing else',
    send: get(USER, bearer(token), ...(inCookie ? [line('x')] : [])),
    expect: ['permit'],
    check: (row, { answers }) => {
      const names = answers[0]?.headers.map(([header]) => header.toLowerCase()) ?? []
      row.notOk(names.includes('celosia-csrf'))
      const [connection] = world.upstream.connections()
      const bytes = connection?.bytes.toString('latin1') ?? ''
      row.notMatch(
        bytes,
        /cookie|x-forwarded-access-token|celosia-csrf/i,
        'none of it goes upstream',
      )
    },
  }
  return [...rows, plain]
}
