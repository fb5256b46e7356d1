/** Section E of the threat model: a rule that would do nothing, or something else, or run code, is no policy. */
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'tap'
import type { PolicyDocument } from '../../src/rules/policy/document.ts'
import { shippedPolicy } from '../helpers/gateway.ts'
import { runHere } from '../helpers/program.ts'

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
      t.equal(code, 3, `${name}: ${JSON.stringify(query)} is refused`)
      t.match(stderr, /policies\.yaml:\d+:\d+/, 'with file, line and column')
    }
  }
  for (const query of TAKEN) {
    count += 1
    const { code, stderr } = await check(withQuery(query))
    t.same([code, stderr], [0, ''], `E56 ${query} is taken`)
  }
  t.comment(`attacks: ${count} run, 0 due`)
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
