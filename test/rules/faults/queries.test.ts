/** Queries that would hide nothing: typos, other dialects, code; and fixtures that prove nothing. */
import { test } from 'tap'
import { faultsOf, PRELUDE } from '../policy-text.ts'
import { BODY, checkFaults, route } from './table.ts'

const USER = '{"user":{"id":1,"email":"jane@example.com","tags":["a"],"users":[{"email":"x"}]}}'
const fixtures = { 'user.json': USER }

/** The faults of one query for an e-mail address, held against a fixture. */
function faultsOfQuery(query: string) {
  const fields = `fields: { contact.email: ${JSON.stringify(query)} }`
  return faultsOf(PRELUDE + BODY + route(fields, 'fixture: user.json'), { fixtures })
}

test('a query that is no query of RFC 9535 is refused, with what it should be', (t) => {
  const bad: readonly (readonly [query: string, says: RegExp])[] = [
    ['email', /expected "\$"/],
    ['..email', /expected "\$"/],
    ['.user.email', /expected "\$"/],
    ['@.user.email', /expected "\$"/],
    ['user.email', /expected "\$"/],
    ['$users[*].email', /at 1: expected/],
    ['$.user.email ', /ends without white space/],
    [' $.user.email', /expected "\$"/],
    ['$.user.email\n', /./],
    ['$.', /expected/],
    ['$..', /expected/],
    ['$.user..', /expected/],
    ['$.user.', /expected/],
    ['$.user[', /expected/],
    ['$.user[email]', /expected a quoted name/],
    ['$.user["email]', /./],
    ['$[(@.length-1)]', /no script expressions/],
    ['$.user[?(@.constructor.constructor("return process")())]', /expected/],
    ['$[`return process`]', /./],
    ['`$.user`', /./],
    ['$.user^', /no "\^"/],
    ['$.user.email~', /no "~"/],
    ['$.user.emai*', /expected/],
    ['$.user.tags[-]', /./],
    ['$.user.tags[01]', /./],
    ['$.user.tags[-0]', /./],
    ['$.user.tags[9007199254740993]', /./],
    ["$.user['e\\'x'", /expected/],
    ['$.user[?@.email=="\\x"]', /./],
    ['$.user[?@.email=~/x/]', /match\(/],
    ['$.user[?@.tags[*] == 1]', /./],
    ['$.user[?1 == 1 && @.a]]', /./],
    ['$.user[?nothing(@.a)]', /./],
    ['$["\u0000"]', /./],
    ['$.user.email; $.other', /expected/],
    ['$.user.email,$.other', /expected/],
  ]
  for (const [query, says] of bad) {
    const faults = faultsOfQuery(query)
    t.equal(faults.length, 1, `one fault: ${query}`, { faults })
    t.match(faults[0], { line: 16, column: 30, message: says }, query)
    t.notMatch(faults[0]?.message ?? '', /matches nothing/, `refused for its form: ${query}`)
  }
  t.end()
})

test('a query that matches nothing in the fixture is refused', (t) => {
  const silent = [
    '$..emial',
    '$.user.Email',
    "$.user['email ']",
    '$.users[*].email',
    '$[0].email',
    '$.user.email.value',
    '$.user.tags[1]',
    '$.user.tags[5:]',
    '$.user[?@.email == "joe@example.com"]',
    '$.user.users[?@.email == 1]',
    '$.user.users[?@.__lookupGetter__]',
    '$.user.__proto__',
    '$.user.constructor',
    '$.user.users.length',
    '$.user.email.length',
  ]
  for (const query of silent) {
    const faults = faultsOfQuery(query)
    t.match(faults, [{ line: 16, column: 30, message: /matches nothing in the fixture/ }], query)
    t.match(faults[0]?.hint, /hides nothing/, query)
  }
  const right = [
    '$.user.email',
    '$..email',
    '$.user.users[*].email',
    '$.user["\\u0065mail"]',
    "$['user']['email']",
    '$[?@.email]',
    '$.user.tags[-1]',
    '$.user..email',
    '$',
  ]
  for (const query of right) t.same(faultsOfQuery(query), [], `accepted: ${query}`)
  t.end()
})

test('each query of a route is held against the fixture, wherever it stands', (t) => {
  checkFaults(t, [
    {
      name: 'fields, plain leaves and data subjects',
      fixtures,
      policy:
        BODY +
        route(
          'fields:',
          '  contact.email: [$.user.email, ▸$.user.mail, "▸$.user.emails[*]"]'.replace('"▸', '▸"'),
          '  payment.card: ▸$.user.card',
          'plain: [$.user.id, ▸$.user.ident]',
          'dataSubjects:',
          '  - { kind: user, at: $.user, id: "@.id" }',
          '  - { kind: user, at: ▸$.usr, id: ▸"@.id" }',
          '  - { kind: user, at: $.user, id: ▸"@.tags" }',
          '  - { kind: user, at: $.user, id: ▸"@.uid" }',
          'fixture: user.json',
        ),
      says: [
        /`\$\.user\.mail` matches nothing/,
        /emails/,
        /card/,
        /ident/,
        /`\$\.usr` matches nothing/,
        /selects no id/,
        /selects no id/,
        /selects no id/,
      ],
    },
    {
      name: 'an id that is not relative, or selects several',
      fixtures,
      policy:
        BODY +
        route(
          'dataSubjects:',
          '  - { kind: user, at: $.user, id: ▸$.user.id }',
          '  - { kind: user, at: $.user, id: ▸"@.tags[*]" }',
          '  - { kind: user, at: $.user, id: ▸"@..id" }',
          'fixture: user.json',
        ),
      says: [/expected "@"/, /./, /./],
    },
    {
      name: 'data subjects without a place, of which one alone is that of the request',
      fixtures,
      policy:
        BODY +
        route(
          'dataSubjects:',
          '  - { kind: user, request: path.id }',
          '  - ▸{ kind: user, at: $.user, request: path.id }',
          '  - ▸{ kind: user, id: "@.id", request: path.id }',
          '  - ▸{ kind: user }',
          '  - ▸{ kind: ticket, request: path.id }',
          '  - { kind: user, request: ▸path.name }',
          'fixture: user.json',
        ),
      says: [
        /stand together/,
        /stand together/,
        /stand together/,
        /only one data subject/,
        /unknown path parameter/,
      ],
    },
    {
      name: 'roles of an issuer',
      whole: `${PRELUDE.replace('"$.roles[*]"', '▸roles') + BODY}  []\n`,
      says: [/expected "\$"/],
    },
    {
      name: 'queries that hold anywhere need match nowhere, and must be queries',
      fixtures,
      policy: `${BODY.replace('routes:', 'anywhere: { contact.email: [$..nowhere, ▸..email] }\nroutes:')}${route('fixture: user.json')}`,
      says: [/expected "\$"/],
    },
  ])
  t.end()
})

const withFixture = (name: string, content?: string | Uint8Array) =>
  faultsOf(PRELUDE + BODY + route('fields: { contact.email: $..email }', `fixture: ${name}`), {
    fixtures: content === undefined ? {} : { [name]: content },
  })

test('a fixture that proves nothing is refused', (t) => {
  const at = { line: 17, column: 14 }
  t.match(withFixture('gone.json'), [{ ...at, message: /cannot be read/, hint: /fixture: none/ }])
  const no = { ...at, message: /is not JSON/ }
  t.match(withFixture('a.json', ''), [no], 'empty')
  t.match(withFixture('a.json', '{"email":'), [no], 'truncated')
  t.match(withFixture('a.json', "{'email':1}"), [no], 'single quotes')
  t.match(withFixture('a.json', `\uFEFF${USER}`), [no], 'a byte order mark')
  t.match(withFixture('a.json', Buffer.from([0x22, 0xff, 0x22])), [no], 'not UTF-8')
  t.match(withFixture('a.json', `["${'x'.repeat(1_048_576)}"]`), [no], 'too large')
  const deep = `${'['.repeat(600)}${']'.repeat(600)}`
  t.match(withFixture('a.json', deep), [{ ...at, message: /cannot be decided/ }], 'too deep')
  const filter = 'fields: { contact.email: "$[?@.type == \'email\'].value" }'
  const twice = faultsOf(PRELUDE + BODY + route(filter, 'fixture: a.json'), {
    fixtures: { 'a.json': '[{"type":"email","type":"phone","value":"x"}]' },
  })
  t.match(twice, [{ line: 16, message: /cannot be decided.*same name/ }], 'two members of one name')
  t.match(withFixture('constructor'), [{ message: /cannot be read/ }], 'a name of JavaScript')
  t.end()
})

test('what a route leaves unsaid is asked for', (t) => {
  checkFaults(t, [
    {
      name: 'no fixture',
      policy:
        BODY +
        route('fields: { contact.email: $..email }').replace('- match', '- ▸match') +
        '  - { match: GET /b, upstream: desk }\n' +
        '  - { match: GET /c, upstream: desk, fixture: none, plain: [$.a] }\n',
      says: [/no fixture to hold them against/],
      hints: [/fixture: none/],
    },
    {
      name: 'what happens to unlisted leaves',
      whole: `${PRELUDE.replace(/defaults.*\n/, '')}${BODY}  - { match: GET /a, upstream: desk, unlisted: show }
  - ▸{ match: GET /b, upstream: desk }
`,
      says: [/does not say what happens to leaves that no query names/],
      hints: [/unlisted: mask/],
    },
  ])
  t.end()
})
