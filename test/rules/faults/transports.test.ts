/** What can be wrong where a policy says how tokens are brought: bound to a key, in a cookie, or in the header of a proxy. */
import { test } from 'tap'
import { checkFaults } from './table.ts'

/** A policy with this line below `identity:`. */
const policy = (line: string, { issuer = '', keys = 'cursor: { version: 1, env: X }' } = {}) =>
  `version: 1
upstreams: { desk: { url: "http://127.0.0.1:9" } }
identity:
  issuers: [{ issuer: "https://a.example", audience: a, algorithms: [ES256], roles: $.r${issuer} }]
  ${line}
keys: { ${keys} }
classes: {}
roles: { agent: {} }
routes: []
`
const DESK = 'origins: ["https://desk.example.com"]'
const NETWORKS = 'networks: [10.0.0.0/8]'

test('ways of bringing tokens that would not hold are refused', (t) => {
  checkFaults(t, [
    {
      name: 'tokens that must be bound, and nobody who would take them',
      whole: policy('assurance: {}', { issuer: ', ▸dpop: required' }),
      says: [/could not be taken at all/],
      hints: [/identity\.dpop/],
    },
    {
      name: 'tokens that are bound to certificates that nobody is asked for',
      whole: policy('assurance: {}', { issuer: ', ▸certificateBound: allowed' }),
      says: [/nobody is asked for a certificate/],
      hints: [/listen\.tls\.clients/],
    },
    {
      name: 'tokens that must be bound to a key, and may be to a certificate',
      whole: policy(
        'dpop: { origins: ["https://a.example"] }\nlisten: { tls: { certificate: a, key: b, clients: { authorities: c } } }',
        { issuer: ', dpop: required, ▸certificateBound: allowed' },
      ),
      says: [/taken with proofs only/],
    },
    {
      name: 'no address of the gateway',
      whole: policy('▸dpop: {}'),
      says: [/lacks `identity.dpop.origins`|lacks `origins`/],
    },
    {
      name: 'addresses that are more than an origin, or in another spelling',
      whole: policy(
        'dpop: { origins: [▸"https://a.example/", ▸"https://A.example", ▸"*", ▸"https://a.example:443"] }',
      ),
      says: [/no origin/, /no origin/, /no origin/, /no origin/],
    },
    {
      name: 'proofs that are signed with a secret',
      whole: policy('dpop: { origins: ["https://a.example"], algorithms: [▸HS256] }'),
      says: [/must be one of/],
    },
    {
      name: 'nonces without a key',
      whole: policy('dpop: { origins: ["https://a.example"], ▸nonce: required }', { keys: '' }),
      says: [/sealed, and there is no key/],
    },
    {
      name: 'a cookie that a neighbour could set',
      whole: policy(`cookie: { name: ▸access_token, ${DESK} }`),
      says: [/name/],
    },
    {
      name: 'a cookie of everybody',
      whole: policy('cookie: { name: __Host-a, origins: [▸"*"] }'),
      says: [/no origin/],
    },
    {
      name: 'a cookie without a key',
      whole: policy(`▸cookie: { name: __Host-a, ${DESK} }`, { keys: '' }),
      says: [/requests of other sites/],
    },
    {
      name: 'a header that everybody sends',
      whole: policy(`tokenHeader: { name: ▸authorization, ${NETWORKS}, ${DESK} }`),
      says: [/name/],
    },
    {
      name: 'a header from everywhere',
      whole: policy(
        `tokenHeader: { name: x-token, networks: [▸0.0.0.0/0, ▸10.0.0.1, ▸localhost], ${DESK} }`,
      ),
      says: [/is no network/, /is no network/, /is no network/],
    },
    {
      name: 'a header from anybody',
      whole: policy(`▸tokenHeader: { name: x-token, ${DESK} }`),
      says: [/anybody could send the header/],
      hints: [/certificates/],
    },
    {
      name: 'certificates that nobody is asked for',
      whole: policy(
        `tokenHeader: { name: x-token, ▸certificates: [{ dns: proxy.example.com }], ${DESK} }`,
      ),
      says: [/nobody is asked for a certificate/],
      hints: [/listen\.tls\.clients/],
    },
    {
      name: 'certificates of everybody, or by what is no name of theirs',
      whole: policy(
        `tokenHeader: { name: x-token, certificates: [▸{ dns: "*.example.com" }, ▸{ dns: Proxy.example.com }, ▸{ uri: "urn:a, DNS:b" }, ▸{ cn: proxy }, ▸{ spki: abc }, ▸{}, ▸{ dns: a.example, uri: "urn:a" }], ${DESK} }`,
      ),
      says: Array.from({ length: 7 }, () => /none of the forms/),
    },
    {
      name: 'a header that has an address',
      whole: policy(
        `tokenHeader: { name: ▸x-forwarded-for, ${NETWORKS}, ${DESK} }\nforwarded: { trust: [10.0.0.0/8], header: x-forwarded-for }`,
      ),
      says: [/have an address/],
    },
  ])
  t.end()
})

/** A policy with this session, and what it needs. */
const withSession = (
  line: string,
  {
    keys = 'cursor: { version: 1, env: X }',
    url = 'publicUrl: "https://gateway.example.com"',
    identity = 'revocation: {}',
    logout = ', logout: { audience: desk }',
  } = {},
) => `version: 1
${url}
upstreams: { desk: { url: "http://127.0.0.1:9" } }
identity:
  issuers: [{ issuer: "https://a.example", audience: a, algorithms: [ES256], roles: $.r${logout} }]
  ${identity}
${line}
keys: { ${keys} }
classes: {}
roles: { agent: {} }
routes: []
`
const SESSION = 'issuer: "https://a.example", clientId: desk, clientSecret: s'
const BACK = 'origins: ["https://desk.example.com"], returnTo: ["https://desk.example.com/"]'

test('sessions that would not hold are refused', (t) => {
  checkFaults(t, [
    {
      name: 'an issuer that nobody knows',
      whole: withSession(
        `session: { issuer: ▸"https://b.example", clientId: desk, clientSecret: s, ${BACK} }`,
      ),
      says: [/unknown issuer/],
    },
    {
      name: 'nobody who would end them',
      whole: withSession(
        `session: { issuer: ▸"https://a.example", clientId: desk, clientSecret: s, ${BACK} }`,
        { logout: '' },
      ),
      says: [/logout at the identity provider would not end/],
      hints: [/logout: \{ audience/],
    },
    {
      name: 'a logout of another client',
      whole: withSession(
        `session: { issuer: ▸"https://a.example", clientId: other, clientSecret: s, ${BACK} }`,
      ),
      says: [/logout at the identity provider would not end/],
    },
    {
      name: 'no key, no revocation, no address',
      whole: withSession(`▸▸▸session: { ${SESSION}, ${BACK} }`, {
        keys: '',
        identity: '',
        url: '',
        logout: '',
      }).replace('issuer: "https://a.example", clientId', 'issuer: ▸"https://a.example", clientId'),
      says: [
        /there is no key/,
        /nothing can be revoked/,
        /nobody knows where that is/,
        /would not end/,
      ],
    },
    {
      name: 'a gateway without TLS',
      whole: withSession(`session: { ${SESSION}, ${BACK} }`, {
        url: 'publicUrl: ▸"http://gateway.example.com"',
      }),
      says: [/no cookie of a session without TLS/],
    },
    {
      name: 'another cookie beside it',
      whole: withSession(`▸session: { ${SESSION}, ${BACK} }`, {
        identity:
          'revocation: {}\n  cookie: { name: __Host-a, origins: ["https://desk.example.com"] }',
      }),
      says: [/who is logged in/],
    },
    {
      name: 'pages of everybody, and places of others',
      whole: withSession(
        `session: { ${SESSION}, origins: [▸"*"], returnTo: [▸"https://evil.example/", ▸▸"https://evil.example", ▸"javascript:x"] }`,
      ),
      says: [
        /no origin/,
        /none of `session.origins`/,
        /write it as browsers do/,
        /none of `session.origins`/,
        /not an http/,
      ],
    },
    {
      name: 'sessions without an end, or that end before they begin',
      whole: withSession(
        `session: { ${SESSION}, ${BACK}, lifetime: ▸25h, idle: ▸▸26h, assurance: ▸strong }`,
      ),
      says: [/at most 24h/, /at most 24h/, /does not last that long/, /unknown assurance level/],
    },
    {
      name: 'no session for anybody',
      whole: withSession(`session: { ${SESSION}, ${BACK}, perSubject: ▸0 }`),
      says: [/must be >= 1/],
    },
    {
      name: 'a session that is longer idle than it lives',
      whole: withSession(`session: { ${SESSION}, ${BACK}, lifetime: 1h, idle: ▸2h }`),
      says: [/does not last that long/],
    },
  ])
  t.end()
})
