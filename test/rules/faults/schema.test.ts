/** Policies whose form is wrong: unknown and planned keys, wrong types, names that cannot be. */
import { test } from 'tap'
import { faultsOf, PRELUDE } from '../policy-text.ts'
import { BODY, checkFaults, route } from './table.ts'

test('unknown keys are refused where they stand, with the one that was meant', (t) => {
  checkFaults(t, [
    {
      name: 'at the top',
      policy: `${BODY}  []\n▸acton: block\n`,
      says: [/unknown key `acton`/],
      hints: [/action|known here: version/],
    },
    {
      name: 'in a route',
      policy: BODY + route('▸feilds: { contact.email: $.user.email }'),
      says: [/unknown key `routes\.0\.feilds`/],
      hints: [/did you mean `fields`/],
    },
    {
      name: 'in other case',
      policy: BODY + route('▸Plain: [$.a]', '▸unListed: mask'),
      says: [/`routes\.0\.Plain`/, /`routes\.0\.unListed`/],
      hints: [/`plain`/, /`unlisted`/],
    },
    {
      name: 'in a role, a class, an upstream and an issuer',
      whole: `version: 1
upstreams: { desk: { url: "http://a.example", ▸header: {} } }
identity:
  issuers:
    - { issuer: "http://a.example", audience: a, algorithms: [ES256], roles: "$.r", ▸alg: ES256 }
classes: { a: { mask: redact, ▸sensitve: true } }
roles: { agent: { ▸shows: [a] } }
defaults: { ▸unlisted_: mask }
routes: []
`,
      says: [/`upstreams\.desk\.header`/, /alg/, /sensitve/, /shows/, /unlisted_/],
      hints: [/`headers`/, undefined, /`sensitive`/, /`show`/, /`unlisted`/],
    },
    {
      name: 'names of JavaScript',
      policy: `${BODY}  []\n▸__proto__: { version: 2 }\n▸constructor: {}\n▸toString: {}\n`,
      says: [/unknown key `__proto__`/, /`constructor`/, /`toString`/],
    },
  ])
  t.end()
})

const planned = (lines: string, count = 1) => ({
  policy: lines,
  says: Array.from({ length: count }, () => /not supported by this version/),
  hints: Array.from({ length: count }, () => /./),
  notSupported: true,
})

test('parts of the language that are planned are refused by name, never overlooked', (t) => {
  checkFaults(t, [{ name: 'retention', ...planned(`${BODY}  []\n▸retention: {}\n`) }])
  t.end()
})

test('values of the wrong type or form are refused', (t) => {
  checkFaults(t, [
    {
      name: 'types',
      policy: `classes: { a: { mask: redact, sensitive: ▸"yes" } }
roles: { agent: { show: ▸a } }
routes: ▸{}
limits: { depthMax: ▸"512", bodyBytesMax: ▸2048.5, heldBytesAllMax: ▸1 }
`,
      says: [
        /must be true or false/,
        /`roles\.agent\.show` must be a list/,
        /`routes` must be a list/,
        /must be a whole number/,
        /must be a whole number/,
        /must be >= 1048576/,
      ],
    },
    {
      name: 'words from a list',
      policy: BODY + route('unlisted: ▸Mask') + route('unlisted: ▸hide'),
      says: [/must be one of: mask, show/, /must be one of: mask, show/],
      hints: [/did you mean `mask`/],
    },
    {
      name: 'an unquoted yes is text',
      policy: `classes: { a: { mask: redact, sensitive: ▸yes } }\nroles: { agent: {} }\nroutes: []\n`,
      says: [/must be true or false/],
    },
    {
      name: 'missing parts, each at what lacks it',
      policy: `classes: { ▸a: {} }\nroles: { agent: {} }\nroutes:\n  - ▸match: GET /x\ndetect:\n  - ▸▸name: x\n`,
      says: [/lacks `mask`/, /lacks `upstream`/, /lacks `count`/, /lacks `then`/],
    },
    {
      name: 'names',
      policy: `classes: { ▸Contact: { mask: redact }, ▸"a..b": { mask: redact }, ▸__proto__: { mask: redact } }
roles: { ▸"a b": {}, ▸"": {}, ▸"é": {}, ▸__proto__: {} }
routes: []
`,
      says: Array.from({ length: 7 }, () => /not a name allowed here/),
      hints: [/names match/],
    },
    {
      name: 'no role at all',
      policy: 'classes: {}\nroles: ▸{}\nroutes: []\n',
      says: [/fewer than 1/],
    },
    {
      name: 'durations',
      policy: `${BODY}  []
detect:
  - { name: a, classes: [payment.card], count: { distinct: dataSubject, over: 3, within: ▸10 min }, then: [flag] }
  - { name: b, classes: [payment.card], count: { distinct: dataSubject, over: ▸0, within: 31d }, then: [flag] }
  - { name: c, classes: [payment.card], count: { distinct: ▸address, over: 3, within: 1m }, then: ▸[] }
  - { name: d, classes: [payment.card], count: { distinct: dataSubject, over: 3, within: 1m }, then: [▸throttle] }
`,
      says: [
        /form asked for/,
        />= 1/,
        /one of: dataSubject/,
        /fewer than 1/,
        /none of the forms allowed/,
      ],
    },
    {
      name: 'symmetric algorithms and none',
      whole: `${PRELUDE.replace('[ES256]', '[▸HS256, ▸none, ▸es256, RS256]') + BODY}  []\n`,
      says: [/must be one of/, /must be one of/, /must be one of/],
      hints: [undefined, undefined, /`ES256`/],
    },
    {
      name: 'another version',
      whole: `${PRELUDE.replace('version: 1', 'version: ▸"1"') + BODY}  []\n`,
      says: [/must be 1/],
    },
  ])
  t.end()
})

test('all faults of a stage are told at once, in the order of the file', (t) => {
  const faults = faultsOf(`version: 2\nroles: 3\nclasses: []\nroutes: {}\nfoo: 1\n`)
  t.same(
    faults.map(({ line }) => line),
    [1, 1, 1, 2, 3, 4, 5],
  )
  t.end()
})
