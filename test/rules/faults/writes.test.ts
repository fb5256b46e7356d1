/** What is wrong with writes in a policy: on routes, and for roles. */
import { test } from 'tap'
import { PRELUDE } from '../policy-text.ts'
import { BODY, checkFaults } from './table.ts'

const READ = `  - match: GET /users/{id:integer}
    upstream: desk
    fields: { contact.email: $.user.email }
    plain: ["$.user.marks[*].id"]
    fixture: user.json
`
const FIXTURES = { 'user.json': '{"user":{"email":"a@b.example","marks":[{"id":1}]}}' }

/** A route that writes, after the one that reads. */
const put = (write: string, { method = 'PUT', body = '{ types: [application/json] }' } = {}) => `${
  BODY + READ
}  - match: ${method} /users/{id:integer}
    upstream: desk
${body === '' ? '' : `    body: ${body}\n`}    ${write}
`

const GOOD =
  'read: "GET /users/{id:integer}", returned: restore, update: replace, precondition: none'

test('what a route says of writes', (t) => {
  checkFaults(t, [
    {
      name: 'nothing, where masks could come back',
      policy: `${BODY + READ}  - ▸match: PUT /users/{id:integer}\n    upstream: desk\n    body: { types: [application/json] }\n  - ▸match: PATCH /users/{id:integer}\n    upstream: desk\n    body: { types: [application/json] }\n`,
      fixtures: FIXTURES,
      says: [/a PUT is held against the record/, /a PATCH is held/],
      hints: [/write: none/],
    },
    {
      name: 'nothing said aloud, and nothing to be read',
      policy: `${BODY + READ}  - { match: "PUT /users/{id:integer}", upstream: desk, body: { types: [application/json] }, write: none }\n  - { match: PUT /pins, upstream: desk }\n  - { match: PUT /files, upstream: desk, body: { types: [image/png], pass: opaque } }\n`,
      fixtures: FIXTURES,
      says: [],
    },
    {
      name: 'a good one',
      policy: put(`write: { ${GOOD} }`),
      fixtures: FIXTURES,
      says: [],
    },
    {
      name: 'words that there are not',
      policy: put(
        'write: { read: "GET /users/{id:integer}", returned: ▸drop, update: ▸all, precondition: ▸maybe, ▸lost: 1, absent: ▸x, empty: ▸x }',
      ),
      fixtures: FIXTURES,
      says: [
        /remove, restore, refuse/,
        /partial, replace/,
        /etag/,
        /unknown key/,
        /restore, refuse/,
        /keep, remove/,
      ],
    },
    {
      name: 'another word than none',
      policy: put('write: ▸any'),
      fixtures: FIXTURES,
      says: [/form asked for/],
    },
    {
      name: 'parts that must be said',
      policy: put('▸▸▸write: {}'),
      fixtures: FIXTURES,
      says: [/lacks `read`/, /lacks `returned`/, /lacks `precondition`/],
    },
    {
      name: 'what a JSON document does to the record',
      policy: put(
        '▸write: { read: "GET /users/{id:integer}", returned: refuse, precondition: none }',
      ),
      fixtures: FIXTURES,
      says: [/what a JSON document does/],
      hints: [/update: partial/],
    },
    {
      name: 'removing from what replaces',
      policy: put(`write: { ${GOOD.replace('restore', '▸remove')} }`),
      fixtures: FIXTURES,
      says: [/would remove what it hides/],
    },
    {
      name: 'a reading route that is not there, or does not read',
      policy: put(`write: { ${GOOD.replace('"GET /users/', '▸"GET /user/')} }`),
      fixtures: FIXTURES,
      says: [/unknown route/],
      hints: [/did you mean/],
    },
    {
      name: 'a reading route with other parameters',
      policy: put(`write: { ${GOOD.replace('"GET', '▸"GET')} }`).replace(
        'PUT /users/{id:integer}',
        'PUT /users/{id:uuid}',
      ),
      fixtures: FIXTURES,
      says: [/does not have the parameter \{id\}/],
    },
    {
      name: 'a reading route of another upstream',
      whole: (PRELUDE + put(`write: { ${GOOD.replace('"GET', '▸"GET')} }`))
        .replace('upstreams: {', 'upstreams: { other: { url: "http://127.0.0.1:9" },')
        .replace(/upstream: desk(?=\n {4}body)/, 'upstream: other'),
      fixtures: FIXTURES,
      says: [/another upstream/],
    },
    {
      name: 'a method or a body that cannot be held',
      policy: put(`▸write: { ${GOOD} }`, { method: 'DELETE', body: '' }),
      fixtures: FIXTURES,
      says: [/only a POST, PUT or PATCH that writes/],
    },
    {
      name: 'a form',
      policy: put(`▸write: { ${GOOD} }`, {
        body: '{ types: [application/json, application/x-www-form-urlencoded] }',
      }),
      fixtures: FIXTURES,
      says: [/only JSON can/],
    },
    {
      name: 'a search made with POST',
      policy: put(`▸write: { ${GOOD} }\n    effect: read`, { method: 'POST' }),
      fixtures: FIXTURES,
      says: [/only a POST, PUT or PATCH that writes/],
    },
    {
      name: 'a patch that is held against nothing',
      policy: put('write: none', {
        method: 'PATCH',
        body: '{ types: [▸application/json-patch+json] }',
      }),
      fixtures: FIXTURES,
      says: [/nothing tells what is there/],
    },
  ])
  t.end()
})

test('queries of writes are held against the sample of the reading route', (t) => {
  checkFaults(t, [
    {
      name: 'queries that match nothing',
      policy: put(
        `write: { ${GOOD}, record: { answer: ▸$.usr, request: $.user }, lists: [{ at: ▸"$.user.mark", key: "@.id", update: partial }], merged: [▸$.user.x], upstreamSets: ▸$.user.y }`,
      ),
      fixtures: FIXTURES,
      says: [/`\$\.usr` matches nothing/, /mark` matches nothing/, /x` matches/, /y` matches/],
    },
    {
      name: 'queries that are none',
      policy: put(
        `write: { ${GOOD}, lists: [{ at: ▸user, key: ▸$.id, update: partial }], merged: [▸"$."] }`,
      ),
      fixtures: FIXTURES,
      says: [/query `user`/, /query/, /query/],
    },
    {
      name: 'places of a record that are none',
      policy: put(`write: { ${GOOD}, record: { request: ▸"$.users[0]", answer: ▸"$.users[*]" } }`),
      fixtures: FIXTURES,
      says: [/found by names/, /not the place of one record/],
    },
    {
      name: 'a record that the sample of the body does not have',
      policy: put(`write: { ${GOOD}, record: { request: ▸$.usr, answer: $.user } }`, {
        body: '{ types: [application/json], plain: [$.user.x], fixture: body.json }',
      }),
      fixtures: { ...FIXTURES, 'body.json': '{"user":{"x":1}}' },
      says: [/`\$\.usr` matches nothing/],
    },
  ])
  t.end()
})

test('what a role may set without seeing it', (t) => {
  const classes = `classes:
  a: { mask: email }
  b: { mask: tokenize }
  c: { mask: { base64: { json: { pseudonymize: { form: short } } } } }
  d: { mask: pseudonymize }
`
  checkFaults(t, [
    {
      name: 'classes that there are not',
      policy: `${classes}roles: { agent: { write: [a, ▸e, ▸"x.*"] } }\nroutes: []\n`,
      says: [/unknown class/, /unknown class/],
    },
    {
      name: 'masks that look like values',
      policy: `${classes}roles: { agent: { write: [a, ▸b, ▸c, d] } }\nroutes: []\n`,
      says: [/whose masks look like values/, /whose masks look like values/],
      hints: [/another operator/],
    },
  ])
  t.end()
})
