/** jsonpath-plus, without its evaluator, beside RFC 9535: over the shipped policy, and where the dialects are known to differ. */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'tap'
import { loadPolicy } from '../../src/cli/load-policy.ts'
import { compareDialects, secondOpinion } from '../../src/cli/second-opinion.ts'

const SHIPPED = fileURLToPath(new URL('../../config/policies.yaml', import.meta.url))

/** The only differences over the shipped fixtures. Each has a filter, and filters are not evaluated with `eval: false`. */
const FILTERS: readonly (readonly [route: string, query: string])[] = [
  ['GET /api/v2/users/{id:integer}/identities', "$.identities[?@.type == 'email'].value"],
  ['GET /api/v2/users/{id:integer}/identities', "$.identities[?@.type == 'phone_number'].value"],
  ['GET /api/v2/tickets/{id:integer}', '$.ticket.custom_fields[?@.id == 360001].value'],
  ['GET /api/v2/tickets/{id:integer}', '$.ticket.custom_fields[?@.id == 360002].value'],
  [
    'GET /api/v2/tickets/{id:integer}',
    '$.ticket.custom_fields[?@.id == 360003 || @.id == 360004].value',
  ],
  ['GET /api/v2/tickets', '$.tickets[*].custom_fields[?@.id == 360001].value'],
  ['GET /api/v2/tickets', '$.tickets[*].custom_fields[?@.id == 360002].value'],
  ['GET /api/v2/tickets', '$.tickets[*].custom_fields[?@.id == 360003 || @.id == 360004].value'],
  ['PUT /api/v2/tickets/{id:integer}', '$.ticket.custom_fields[?@.id == 360001].value'],
  ['PUT /api/v2/tickets/{id:integer}', '$.ticket.custom_fields[?@.id == 360002].value'],
  [
    'PUT /api/v2/tickets/{id:integer}',
    '$.ticket.custom_fields[?@.id == 360003 || @.id == 360004].value',
  ],
]

const FIXTURE = {
  list: [{ id: 1 }, { id: 2 }, { id: 3 }],
  deep: { list: [{ id: 4 }], length: 5 },
  "it's": { 'a/b': 1, 'c~d': 2, 'e"f': 3 },
  '*': { x: 1 },
}

/** Query, and what is said of it; undefined where the dialects agree. */
const DIALECTS: readonly (readonly [query: string, note: string | undefined])[] = [
  ['$.list[*].id', undefined],
  ['$..id', undefined],
  ['$..*', undefined],
  ['$.list[1:].id', undefined],
  ["$['it\\'s']['a/b', 'c~d', 'e\"f']", undefined],
  // The last element: an index here, there only a slice.
  ['$.list[-1].id', 'selects 1 node of the fixture; jsonpath-plus would miss it'],
  ['$.list[0, 2].id', 'selects 2 nodes of the fixture; jsonpath-plus would miss 1 of them'],
  ['$ .list[*] .id', 'selects 3 nodes of the fixture; jsonpath-plus would miss all of them'],
  // A member of that name: there the lengths of arrays, too.
  ['$..length', 'selects 1 node of the fixture; jsonpath-plus would select 2 more'],
  // A name in quotes: there any name.
  ["$['*'].x", undefined],
  ["$['*']", 'selects 1 node of the fixture; jsonpath-plus would select 3 more'],
  // The filter is not all that differs.
  ['$.list[-1][?@ == 3]', 'selects 1 node of the fixture; jsonpath-plus would miss it'],
]

/** With parentheses it is refused there, without them it selects nothing; either way only for the filter. */
const FILTERED = ['$.list[?(@.id == 2)].id', '$.list[?@.id == 2 || @.id == 3].id', '$..[?@.x].x']

function policyOf(queries: readonly string[]): string {
  return `version: 1
upstreams: { desk: { url: "http://127.0.0.1:9" } }
identity:
  issuers:
    - { issuer: "http://127.0.0.1:9", audience: celosia, algorithms: [ES256], roles: "$.roles[*]" }
keys: { pseudonym: { version: 1, env: CELOSIA_PSEUDONYM_KEY } }
classes: { a: { mask: redact } }
roles: { agent: {} }
routes:
  - match: GET /list
    upstream: desk
    unlisted: mask
    keys: { mask: $.deep }
    plain: ${JSON.stringify(queries)}
    fixture: list.json
`
}

test('over the shipped policy and fixtures the dialects differ only in what the table lists', async (t) => {
  const { compiled } = loadPolicy({ file: SHIPPED, environment: {}, mode: 'author' })
  const differences = compareDialects(SHIPPED, compiled)
  t.same(
    differences.map(({ route, query }) => [route, query]),
    FILTERS,
  )
  for (const { cause, query, missed, added, selected } of differences) {
    t.same({ cause, missed, added }, { cause: 'filter', missed: selected, added: 0 }, query)
  }
  t.same(secondOpinion(SHIPPED, compiled), [
    '11 queries have filters; jsonpath-plus may not evaluate filters here, and reads everything around them in the same way',
  ])
})

test('secondOpinion says of each other query what jsonpath-plus misses and adds', async (t) => {
  const folder = t.testdir({
    'list.json': JSON.stringify(FIXTURE),
    'p.yaml': policyOf([...DIALECTS.map(([query]) => query), ...FILTERED]),
  })
  const file = join(folder, 'p.yaml')
  const { compiled } = loadPolicy({ file, environment: {}, mode: 'author' })
  const [summary, ...notes] = secondOpinion(file, compiled)
  t.match(summary, /^3 queries have filters; /)
  const expected = DIALECTS.flatMap(([query, note]) =>
    note === undefined ? [] : [`GET /list: \`${query}\` ${note}`],
  )
  t.same(notes, expected)
})

test('secondOpinion is silent where the dialects agree, and one sentence where filters alone differ', async (t) => {
  const folder = t.testdir({
    'list.json': JSON.stringify(FIXTURE),
    'p.yaml': policyOf(['$.list[*].id']),
    'one.yaml': policyOf(['$.list[?@.id == 1 || @["constructor"]].id']),
  })
  for (const [name, notes] of [
    ['p.yaml', []],
    ['one.yaml', [/^1 query has a filter; /]],
  ] as const) {
    const file = join(folder, name)
    const { compiled } = loadPolicy({ file, environment: {}, mode: 'author' })
    t.match(secondOpinion(file, compiled), notes, name)
  }
})
