/** Section E of the threat model: a rule that would do nothing, or something else, or run code, is no policy. */
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'tap'
import type { PolicyDocument } from '../../src/rules/policy/document.ts'
import { shippedPolicy } from '../helpers/gateway.ts'
import { runHere } from '../helpers/program.ts'
import { noteVerdict } from './verdicts.ts'

const FIXTURES = fileURLToPath(new URL('../../config/fixtures', import.meta.url))

/** Queries that must not load, by what is wrong with them. Each stands for `contact.email` of one user. */
const REFUSED: Readonly<Record<string, readonly string[]>> = {
  'E55 a typo that selects nothing': [
    '$..emial',
    '$.users.email',
    '$.user.Email',
    '$.user[0].email',
    "$['user.email']",
    '$.user.email.value',
    '$..*[?@.type == "email"]',
  ],
  'E55 no query at all': [
    'email',
    '..email',
    '.email',
    '$users[*].email',
    '$.user.email ',
    ' $.user.email',
    '$.user..',
    '$.user.',
    '$..',
    '$.user[',
    '$.user.[email]',
    '$.user[email]',
    '$.user.em ail',
    '',
    '/user/email',
    '@.email',
  ],
  'E56 another dialect': [
    '$.user^',
    '$.user~',
    '$.user.email^',
    '$.user[(@.length-1)]',
    '$.user.*~',
    '$..email.parent()',
    '$.user["email","phone"',
    '$.user[`email`]',
    '$.user[?(@property === "email")]',
    '$.user[?(@parent.id)].email',
    '$.user[?@.email =~ /x/]',
    '$.user[?@.email matches "x"]',
    '$.user[1:2:0]',
    '$.user[9007199254740993]',
    "$['e\\'mail\\']",
    '$.user.email,$.user.phone',
    '$.user.email;$.user.phone',
  ],
  'E57 code': [
    '$..[?(@.constructor.constructor("return process")())]',
    '$..[?@.__lookupGetter__("email")]',
    '$..[?(console.log(1))]',
    '$[(process.exit())]',
    '$[`script`]',
    '$..[?@.email.toString()]',
    '$.user[?(1;1)]',
    '$.user[?@.email = "x"]',
    '$.user[?eval("1")]',
    '$.user[?require("fs")]',
    '$.user[?${process}]',
    '$.user[?@.a == {}]',
    '$.user[?@.a == [1]]',
  ],
}

/** Queries that mean what RFC 9535 says, also where another dialect reads them in another way. */
const TAKEN = [
  '$.user.email',
  '$["user"]["email"]',
  "$['user']['\\u0065mail']",
  '$..["email","phone"]',
  '$..email',
  '$.user[?@ == "alvaro.fernandez@example.net"]',
  '$[?@.role == "end-user"].email',
]

test('section E: rules are data, and each of them does something', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'celosia-rules-'))
  t.teardown(() => rm(directory, { recursive: true, force: true }))
  await cp(FIXTURES, join(directory, 'fixtures'), { recursive: true })
  const file = join(directory, 'policies.yaml')
  const check = async (policy: PolicyDocument) => {
    await writeFile(file, JSON.stringify(policy, null, 2))
    return runHere(['check', file])
  }
  let count = 0
  for (const [name, queries] of Object.entries(REFUSED)) {
    for (const query of queries) {
      count += 1
      const { code, stderr } = await check(withQuery(query))
      const refused = t.equal(code, 3, `${name}: ${JSON.stringify(query)} is refused`)
      const told = t.match(stderr, /policies\.yaml:\d+:\d+/, 'with file, line and column')
      noteVerdict({ id: name.slice(0, 3), held: refused && told, due: undefined })
    }
  }
  for (const query of TAKEN) {
    count += 1
    const { code, stderr } = await check(withQuery(query))
    const held = t.same([code, stderr], [0, ''], `E56 ${query} is taken`)
    noteVerdict({ id: 'E56', held, due: undefined })
  }
  t.comment(`attacks: ${count} run, 0 due`)
})

/** Weak masks would leave the value, or tell it: what leaves of values that are too short, and of lengths. */
const WEAK: readonly (readonly [name: string, query: string, value: unknown, leaves: unknown])[] = [
  ['the last four of four', 'user_fields.card_on_file', '4111', '***'],
  ['the last four of seven', 'user_fields.card_on_file', '4111111', '***'],
  ['a number for a card', 'user_fields.card_on_file', 4_111, '***'],
  ['the last two of three', 'phone', '+49', '***'],
  ['a letter before the at', 'email', 'a@x.example', '***@x.example'],
  ['no letter before the at', 'email', '@x.example', '[redacted]'],
  ['no address at all', 'email', 'Jane', '[redacted]'],
  ['two addresses', 'email', 'jane@x.example, jo@y.example', '[redacted]'],
  ['the length of an address', 'email', 'jane.doe.the.younger@x.example', 'j***@x.example'],
  ['the length of a number', 'phone', '+4930123456789', '***89'],
  ['no date', 'user_fields.date_of_birth', '9 December', '[redacted]'],
]

test('E61: masks that would leave the value leave nothing of it', async (t) => {
  for (const [name, path, value, leaves] of WEAK) {
    const inside = (one: unknown) =>
      path.split('.').reduceRight<unknown>((inner, member) => ({ [member]: inner }), one)
    const { stdout } = await runHere(
      ['mask', '--role', 'agent', '--route', 'GET /api/v2/users/7'],
      { stdin: JSON.stringify({ user: inside(value) }) },
    )
    const held = t.same(JSON.parse(stdout), { user: inside(leaves) }, name)
    noteVerdict({ id: 'E61', held, due: undefined })
  }
})

/** Rules for one place and for what lies around it, and which of their operators must win. */
const OVERLAPS: readonly (readonly [
  name: string,
  rules: Readonly<Record<string, string>>,
  leaves: string,
])[] = [
  ['a container and a leaf in it', { a: '$.user', b: '$.user.email' }, '"[redacted]"'],
  [
    'a leaf that two keep in part',
    { c: '$.user.email', b: '$.user.email' },
    '{"email":"[redacted]"}',
  ],
  ['kept before redacted', { c: '$.user.email', a: '$.user.email' }, '{"email":"[redacted]"}'],
  ['anything, and one', { a: '$..*', b: '$.user.email' }, '"[redacted]"'],
  ['shown, and one', { d: '$.user', b: '$.user.email' }, '{"email":"***@x.example"}'],
  ['shown inside of what is hidden', { a: '$.user', d: '$.user.email' }, '"[redacted]"'],
]

test('E59: the most protective rule wins, in whatever order they stand', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'celosia-rules-'))
  t.teardown(() => rm(directory, { recursive: true, force: true }))
  const file = join(directory, 'policies.yaml')
  const masks = { a: 'redact', b: 'email', c: { keepFirst: 1 }, d: 'redact' }
  for (const [name, rules, leaves] of OVERLAPS) {
    for (const inOrder of [Object.entries(rules), Object.entries(rules).toReversed()]) {
      const shipped = shippedPolicy()
      const policy = {
        version: 1,
        upstreams: shipped.upstreams,
        identity: shipped.identity,
        keys: shipped.keys,
        classes: Object.fromEntries(inOrder.map(([id]) => [id, { mask: masks[id as 'a'] }])),
        roles: { agent: { show: inOrder.map(([id]) => id).filter((id) => id === 'd') } },
        defaults: { unlisted: 'mask' },
        routes: [
          {
            match: 'GET /users/{id:integer}',
            upstream: 'helpdesk',
            fields: Object.fromEntries(inOrder),
            fixture: 'none',
          },
        ],
      }
      await writeFile(file, JSON.stringify(policy))
      const { stdout, stderr } = await runHere(
        ['mask', '--config', file, '--role', 'agent', '--route', 'GET /users/7'],
        { stdin: '{"user":{"email":"a@x.example"}}' },
      )
      const held = t.equal(stdout, `{"user":${leaves}}`, `${name} ${stderr}`)
      noteVerdict({ id: 'E59', held, due: undefined })
    }
  }
})

/** One route of the shipped policy whose e-mail is where the query says, and nothing anywhere. */
function withQuery(query: string): PolicyDocument {
  const { anywhere, routes, inbound: _, ...shipped } = shippedPolicy()
  const route = routes.find(({ match }) => match === 'GET /api/v2/users/{id:integer}')
  if (route === undefined || anywhere === undefined)
    throw new Error('the shipped policy has changed')
  const fields = { ...route.fields, 'contact.email': query }
  return { ...shipped, detect: [], routes: [{ ...route, fields }] }
}
