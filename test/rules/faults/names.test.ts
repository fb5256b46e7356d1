/** Policies whose parts do not fit each other: names that nothing has, routes that collide, addresses, keys. */
import { test } from 'tap'
import { PRELUDE } from '../policy-text.ts'
import { BODY, checkFaults, route } from './table.ts'

test('a name that nothing has is refused, with the one that was meant', (t) => {
  checkFaults(t, [
    {
      name: 'classes',
      policy: `classes: { contact.email: { mask: email } }
roles: { agent: { show: [▸contact.emial, ▸"person.*", ▸"*", contact.email, "contact.*", ▸Contact.email] } }
anywhere: { ▸contact.mail: $..mail }
routes:
  - match: GET /a
    upstream: desk
    fields: { ▸contact: $.a, ▸constructor: [$.b] }
    fixture: none
detect:
  - { name: a, classes: [▸payment.card], count: { distinct: dataSubject, over: 3, within: 1m }, then: [flag] }
`,
      says: [
        /unknown class `contact\.emial`/,
        /unknown class `person\.\*`/,
        /unknown class `\*`/,
        /unknown class `Contact\.email`/,
        /unknown class `contact\.mail`/,
        /unknown class `contact`/,
        /unknown class `constructor`/,
        /unknown class `payment\.card`/,
      ],
      hints: [/did you mean `contact\.email`/, undefined, undefined, /`contact\.email`/],
    },
    {
      name: 'roles, upstreams and path parameters',
      policy: `${BODY}  - match: GET /users/{id:integer}
    upstream: ▸dosk
    roles: [▸Agent, agent]
    dataSubjects: [{ kind: user, at: $.user, id: "@.id", request: ▸path.user }]
    fixture: none
  - { match: GET /b, upstream: ▸constructor }
`,
      says: [
        /unknown upstream `dosk`/,
        /unknown role `Agent`/,
        /unknown path parameter `user`/,
        /unknown upstream `constructor`/,
      ],
      hints: [/`desk`/, /`agent`/],
    },
    {
      name: 'operators and their parameters',
      policy: `classes:
  a: { mask: ▸emial }
  b: { mask: ▸{ keepLast: many } }
  c: { mask: ▸{ email: {}, redact: {} } }
  d: { mask: ▸null }
  e: { mask: ▸constructor }
  f: { mask: ▸[email] }
roles: { agent: {} }
routes: []
`,
      says: [
        /did you mean email/,
        /keepLast/,
        /one operator/,
        /no operator/,
        /unknown/,
        /expected/,
      ],
    },
  ])
  t.end()
})

test('a sensitive class is not shown without a justification', (t) => {
  checkFaults(t, [
    {
      name: 'by name and by pattern',
      policy: `classes: { payment.card: { mask: redact, sensitive: true }, payment.iban: { mask: iban } }
roles:
  agent: { show: [▸payment.card, payment.iban] }
  lead: { show: [▸"payment.*"] }
  billing: { show: [payment.card], justification: "Refunds" }
routes: []
`,
      says: [
        /`agent` shows `payment\.card`, which is sensitive/,
        /`lead` shows `payment\.card`, which is sensitive/,
      ],
      hints: [/roles\.agent\.justification/, /roles\.lead\.justification/],
    },
    {
      name: 'an empty one is none',
      policy: `classes: { a: { mask: redact, sensitive: true } }
roles: { agent: { show: [a], justification: ▸"" } }
routes: []
`,
      says: [/fewer than 1 characters/],
    },
  ])
  t.end()
})

test('templates that are no one path are refused', (t) => {
  const bad: readonly (readonly [match: string, says: RegExp])[] = [
    ['GET', /a method, one space and a path/],
    ['/users', /a method, one space and a path/],
    ['get /users', /a method, one space and a path/],
    ['GET  /users', /a method, one space and a path/],
    ['GET /users ', /a method, one space and a path/],
    ['GET users', /begins with "\/"/],
    ['GET //users', /empty path segment/],
    ['GET /users/', /empty path segment/],
    ['GET /a//b', /empty path segment/],
    ['GET /', /empty path segment/],
    ['GET /a/../b', /dot segment/],
    ['GET /a/./b', /dot segment/],
    ['GET /a/...', /two dots/],
    ['GET /a../b', /two dots/],
    ['GET /..a', /two dots/],
    ['GET /{id}..', /two dots/],
    ['GET /{id:a|..b}', /two dots/],
    ['GET /{id:a|b.}.', /two dots/],
    ['GET /*', /wildcard/],
    ['GET /users/*', /wildcard/],
    ['GET /users/{id}*', /wildcard/],
    ['GET /users/{id:*}', /wildcard/],
    ['GET /users/{id:json|*}', /wildcard/],
    ['GET /users/{id:integr}', /unknown parameter type "integr"/],
    ['GET /users/{id:date}', /unknown parameter type "date"/],
    ['GET /users/{id:constructor}', /unknown parameter type/],
    ['GET /users/{id:.|..}', /unknown parameter type/],
    ['GET /users/{Id}', /neither a literal nor/],
    ['GET /users/{}', /neither a literal nor/],
    ['GET /users/{a}{b}', /neither a literal nor/],
    ['GET /users/x{a}', /neither a literal nor/],
    ['GET /users/{id', /neither a literal nor/],
    ['GET /users/%31', /neither a literal nor/],
    ['GET /users?x=1', /neither a literal nor/],
    ['GET /users;a', /neither a literal nor/],
    ['GET /us\\\\ers', /neither a literal nor/],
    ['GET /usérs', /neither a literal nor/],
    ['GET /{id}/{id}', /stands twice/],
    [`GET ${'/a'.repeat(33)}`, /at most 32 segments/],
    ['GET https://desk.example/users', /begins with "\/"/],
  ]
  checkFaults(
    t,
    bad.map(([match, says]) => ({
      name: match,
      policy: `${BODY}  - { match: ▸"${match}", upstream: desk }\n`,
      says: [says],
    })),
  )
  t.end()
})

test('two routes for one path are refused, whichever comes first', (t) => {
  const colliding = [
    ['/a', '/a'],
    ['/a/{id:integer}', '/a/{number:integer}'],
    ['/a/{id:integer}', '/a/{id:slug}'],
    ['/a/{id:uuid}', '/a/{id}'],
    ['/a/{f:json|csv}', '/a/{f:csv|xml}'],
    ['/a/{f:json|csv}', '/a/{f:slug}'],
    ['/a/{id:integer}.json', '/a/{n:integer}.json'],
    ['/a/{f:x.json|y}', '/a/{f:x|z}.json'],
    ['/a/{f:x-a|y}', '/a/{id:slug}-a'],
    ['/a/{id:slug}_x', '/a/{id:slug}'],
  ] as const
  for (const [one, other] of colliding) {
    for (const [a, b] of [
      [one, other],
      [other, one],
    ]) {
      checkFaults(t, [
        {
          name: `${a} and ${b}`,
          policy: `${BODY}  - { match: "GET ${a}", upstream: desk }\n  - { match: ▸"GET ${b}", upstream: desk }\n`,
          says: [/match the same paths/],
        },
      ])
    }
  }
  const apart = [
    ['/a', '/A'],
    ['/a/{id:integer}', '/a/{id:uuid}'],
    ['/a/{id:integer}', '/a/me'],
    ['/a/{id:slug}', '/a/me'],
    ['/a/{id:integer}', '/a/{id:integer}.json'],
    ['/a/{id:slug}', '/a/{id:slug}.json'],
    ['/a/{id}/b', '/{x}/c/b'],
    ['/a/{f:json|csv}', '/a/{f:xml|pdf}'],
    ['/a/{f:json|csv}', '/a/{id:integer}'],
    ['/a', '/a/b'],
  ] as const
  for (const [a, b] of apart) {
    checkFaults(t, [
      {
        name: `${a} and ${b}`,
        policy: `${BODY}  - { match: "GET ${a}", upstream: desk }\n  - { match: "GET ${b}", upstream: desk }\n`,
        says: [],
      },
    ])
  }
  t.end()
})

const upstream = (text: string) => PRELUDE.replace('{ url: "http://127.0.0.1:9" }', text)
const identity = (...issuers: readonly string[]) =>
  PRELUDE.replace(
    /    - \{ issuer.*\n/,
    issuers
      .map((text) => `    - { audience: a, algorithms: [ES256], roles: "$.r", ${text} }\n`)
      .join(''),
  )

test('addresses, headers, timeouts and keys that cannot work are refused', (t) => {
  for (const [url, says] of [
    ['ftp://a.example', /not an http or https address/],
    ['a.example', /not an http or https address/],
    ['file:///etc/passwd', /not an http or https address/],
    ['https://user:password@a.example', /no user, query or fragment/],
    ['https://a.example?x=1', /no user, query or fragment/],
    ['https://a.example/#x', /no user, query or fragment/],
  ] as const) {
    const whole = `${upstream(`{ url: ▸"${url}" }`) + BODY}  []\n`
    checkFaults(t, [{ name: url, whole, says: [says] }])
  }
  checkFaults(t, [
    {
      name: 'issuers',
      whole: `${identity('issuer: ▸idp', 'issuer: b, jwks: { url: ▸"javascript:1" }', 'issuer: ▸b, jwks: { file: b.json }') + BODY}  []\n`,
      says: [/not an http or https address/, /not an http or https/, /issuer `b` stands twice/],
    },
    {
      name: 'keys of an issuer from two places',
      whole: `${identity('issuer: c, jwks: ▸{ file: b.json, url: "http://a.example" }') + BODY}  []\n`,
      says: [/none of the forms allowed/],
    },
    {
      name: "headers that are the connection's, or could split it",
      whole: `${upstream('{ url: "http://a.example", headers: { ▸host: a, ▸connection: close, x-a: ▸"a\\r\\nb: c", x-b: ▸"é" } }') + BODY}  []\n`,
      says: [/set by the gateway/, /set by the gateway/, /printable ASCII/, /printable ASCII/],
    },
    {
      name: 'a timeout that no timer can hold',
      whole: `${upstream('{ url: "http://a.example", timeouts: { connect: 1h, answer: ▸25d } }') + BODY}  []\n`,
      says: [/at most 1h/],
    },
    {
      name: 'a key from two places, and from none',
      whole: `${PRELUDE.replace('{ audit: { version: 1, env: CELOSIA_AUDIT_KEY } }', '{ audit: ▸{ version: 1, env: A, file: b }, pseudonym: ▸{ version: 2 } }') + BODY}  []\n`,
      says: [/exactly one of `env` and `file`/, /exactly one of/],
    },
    {
      name: 'data subjects without a key for their pseudonyms',
      whole: `${PRELUDE.replace(/keys: .*\n/, '') + BODY}${route('dataSubjects: ▸[{ kind: user, at: $.user, id: "@.id" }]', 'fixture: none')}`,
      says: [/there is no key/],
      hints: [/CELOSIA_AUDIT_KEY/],
    },
    {
      name: 'rules on look-ups that could never hold',
      policy: `${BODY}${route('fixture: none')}
detect:
  - { name: a, count: ▸{ within: 1m, over: 3 }, then: [flag] }
  - { name: b, count: ▸{ distinct: agent, sum: requests, over: 3, within: 1m }, per: role, then: [flag] }
  - { name: c, count: ▸{ distinct: agent, over: 3, within: 1m }, then: [flag] }
  - { name: d, per: ▸dataSubject, count: { distinct: dataSubject, over: 3, within: 1m }, then: [flag] }
  - { name: e, count: ▸{ sum: requests, within: 1m }, then: [flag] }
  - { name: f, count: { sum: requests, over: 3, within: 1m, after: ▸1h }, then: [flag] }
  - { name: g, classes: [payment.card], count: ▸{ first: class, within: 1m, over: 3 }, then: [flag] }
  - { name: h, classes: [payment.card], count: { first: class, within: 1m }, then: ▸[flag, block] }
  - { name: i, count: ▸{ first: class, within: 1m }, then: [flag] }
  - { name: j, count: ▸{ distinct: searchTerm, over: 3, within: 1m }, then: [flag] }
  - { name: k, count: { sum: requests, over: 3, within: 1m }, rearm: ▸4, cooldown: ▸31d, then: [flag] }
  - { name: l, count: { sum: locations, over: ▸5000, within: 1m }, then: [flag] }
  - { name: m, count: { run: ids, over: ▸501, within: 1m }, classes: ▸[payment.card], then: [flag] }
  - { name: n, routes: [▸GET /b], count: { sum: requests, over: 3, within: 1m }, then: [flag] }
  - { name: s, classes: ▸[payment.card], count: { traps: { ▸person: ["1"] }, within: 1h }, then: [flag] }
  - { name: q, for: ▸1h, count: { sum: requests, over: 3, within: 1m }, then: [flag, notify] }
  - { name: r, count: { sum: requests, over: 3, within: 1m }, then: ▸[{ stepUp: ▸third-factor }, { throttle: 1/m }, { throttle: 2/m }] }
  - { name: p, purpose: [▸refund], count: { sum: requests, over: 3, within: 1m }, then: [flag] }
  - { name: o, outside: ▸{ from: "18:00", to: "08:00", timeZone: ▸Europe/Nowhere }, count: { sum: requests, over: 3, within: 1m }, then: [flag] }
`,
      says: [
        /exactly one of/,
        /exactly one of/,
        /per subject/,
        /per dataSubject/,
        /no threshold/,
        /for `first` alone/,
        /has no threshold/,
        /only be flagged/,
        /needs `classes`/,
        /needs `classes`/,
        /not above the threshold/,
        /at most 30d/,
        /at most 4999/,
        /at most 500/,
        /of no class/,
        /unknown route/,
        /whatever is looked at/,
        /unknown kind of data subject/,
        /no response that could last/,
        /stands once/,
        /unknown assurance level/,
        /unknown purpose/,
        /begin before they end/,
        /unknown time zone/,
      ],
    },
    {
      name: 'baselines that could never tell anything, or by one agent alone',
      policy: `${BODY}${route('fixture: none')}
detect:
  - { name: a, count: { sum: requests, over: ▸3, within: ▸1d, baseline: { over: 3 } }, then: [flag] }
  - { name: b, count: ▸{ distinct: agent, baseline: { over: 3 } }, per: ▸address, then: [flag] }
  - { name: c, count: { sum: requests, baseline: { over: 3, agentDays: ▸28 } }, then: [flag] }
  - { name: d, count: { sum: requests, baseline: { over: 3, on: 4, of: ▸3, timeZone: ▸Here } }, then: [flag] }
  - { name: e, count: { sum: requests, baseline: { over: 3 } }, rearm: ▸1, then: [flag] }
  - { name: f, count: ▸{ sum: requests, over: 3 }, then: [flag] }
`,
      says: [
        /no `over` beside/,
        /no `within` beside/,
        /cannot be compared/,
        /one agent is compared/,
        /one other could/,
        /fewer days/,
        /unknown time zone/,
        /back at/,
        /no window/,
      ],
    },
    {
      name: 'rules on look-ups of one name, and too long a window',
      policy: `${BODY}  []
detect:
  - { name: a, classes: [payment.card], count: { distinct: dataSubject, over: 3, within: 30d }, then: [flag] }
  - { name: ▸a, classes: [payment.card], count: { distinct: dataSubject, over: 3, within: ▸31d }, then: [flag] }
`,
      says: [/`a` stands twice/, /at most 30d/],
    },
  ])
  t.end()
})
