/** Operations of GraphQL: which go upstream, in which form, and for which reason the others do not. */
import { test } from 'tap'
import { asked, deskRoute } from './desk.ts'

const route = deskRoute()

function outcome(query: string, more: object = {}, seesAll = false): string {
  const operation = asked(route, { query, ...more }, seesAll)
  return typeof operation === 'string' ? operation : 'taken'
}

test('queries that the schema allows are taken', (t) => {
  const taken: readonly (readonly [query: string, more?: object])[] = [
    ['{ user(id: 7) { id email } }'],
    ['query { version }'],
    [
      'query One($id: ID!) { user(id: $id) { id } }',
      { variables: { id: '7' }, operationName: 'One' },
    ],
    ['query One { version } query Two { version }', { operationName: 'Two' }],
    ['{ a: user(id: 7) { x: email ...F } } fragment F on User { y: name }'],
    ['{ actor(id: 7) { name ... on User { vip } ... on Bot { owner { id } } } }'],
    [
      'query ($with: Boolean!) { user(id: 7) { email @include(if: $with) name @skip(if: $with) } }',
      { variables: { with: true } },
    ],
    ['{ users(first: 3, filter: { ids: ["1"] }) { id } }'],
    ['query ($f: UserFilter) { users(filter: $f) { id } }', { variables: { f: { ids: ['1'] } } }],
    ['{ __typename user(id: 7) { __typename } }'],
    ['# a comment\n{ version }'],
    ['{ version }', { variables: null, operationName: null, extensions: null }],
  ]
  for (const [query, more] of taken) t.equal(outcome(query, more), 'taken', query)
  t.end()
})

test('what is no query of the schema is malformed', (t) => {
  const malformed: readonly (readonly [query: string, more?: object])[] = [
    [''],
    ['{'],
    ['{ user(id: 7) { id } } }'],
    ['{ user { id } }'],
    ['{ user(id: 7) }'],
    ['{ version { x } }'],
    ['{ userz(id: 7) { id } }'],
    ['{ user(id: 7) { emial } }'],
    ['{ user(id: 7) { email: name email } }'],
    ['query ($id: ID!) { user(id: $id) { id } }'],
    ['query ($id: ID!) { user(id: $id) { id } }', { variables: { id: { a: 1 } } }],
    ['{ version }', { variables: { undeclared: 1 } }],
    ['{ version }', { variables: [] }],
    ['query One { version } query Two { version }'],
    ['query One { version }', { operationName: 'Two' }],
    ['{ version }', { operationName: 7 }],
    ['{ version }', { other: 1 }],
    ['{ version } fragment F on User { id }'],
    ['{ ...F }'],
    ['{ user(id: 7) { ... on Ticket { id } } }'],
    ['query ($id: ID!) { version }', { variables: { id: 7 } }],
    ['type Query { a: Int }'],
    [`{ version }${'#\n'.repeat(200)}`],
    [`{ version ${' '.repeat(70_000)} }`],
    [`{ ${'version '.repeat(5_000)} }`],
  ]
  for (const [query, more] of malformed) {
    t.equal(
      outcome(query, more),
      'graphql-malformed',
      `${query.slice(0, 60)} ${JSON.stringify(more)}`,
    )
  }
  for (const body of ['"x"', '7', 'null', '{}', '{"query":7}']) {
    t.equal(asked(route, body), 'graphql-malformed', body)
  }
  const large =
    '{"query":"query ($id: ID!) { user(id: $id) { id } }","variables":{"id":9223372036854775807}}'
  t.equal(asked(route, large), 'graphql-malformed', 'a number that would change')
  const within = '{"query":"{ version }","variables":{"j":{"a":[1e400]}}}'
  t.equal(asked(route, within), 'graphql-malformed', 'also where any value may stand')
  const twice = '{"query":"{ version }","query":"{ bad"}'
  t.throws(() => asked(route, twice), { code: 'ERR_JSON_DUPLICATE_NAME' })
  t.end()
})

test('what the policy does not list is refused', (t) => {
  const refused: readonly (readonly [query: string, more?: object])[] = [
    ['mutation { deleteUser(id: 7) }'],
    ['subscription { userChanged { id } }'],
    ['query A { version } mutation B { deleteUser(id: 7) }', { operationName: 'B' }],
    ['{ __schema { types { name } } }'],
    ['{ __type(name: "User") { name } }'],
    ['{ x: __schema { types { name } } }'],
    ['query { ...F } fragment F on Query { __schema { types { name } } }'],
    ['{ version @log(text: "x") }'],
    ['query Q @log { version }'],
    ['{ user(id: 7) { ... @defer { email } } }'],
    ['{ users @stream(initialCount: 1) { email } }'],
    ['{ version }', { extensions: { persistedQuery: { sha256Hash: 'x' } } }],
    ['{ version }', { id: 'x' }],
    ['{ search(text: "jane@example.com") { __typename } }'],
    ['{ users(filter: { email: "jane@example.com" }) { id } }'],
    ['{ users(filter: { city: { is: "x" } }) { id } }'],
    ['query ($f: UserFilter) { users(filter: $f) { id } }', { variables: { f: { email: 'a' } } }],
    ['query ($f: UserFilter = { email: "a" }) { users(filter: $f) { id } }'],
    ['query ($e: String) { users(filter: { email: $e }) { id } }', { variables: { e: 'a' } }],
    ['{ users(orderBy: EMAIL) { id } }'],
    ['{ user(id: 7) { phones(kind: "home") } }'],
    ['{ user(id: 7) { ...F } } fragment F on User { phones(kind: "home") }'],
    ['{ user(id: 7) { celosia_id_0: email } }'],
    ['{ user(id: 7) { celosia_x: id } }'],
  ]
  for (const [query, more] of refused) t.equal(outcome(query, more), 'graphql-refused', query)
  t.equal(asked(route, '[{"query":"{ version }"}]'), 'graphql-refused', 'a batch')
  t.equal(asked(route, '[]'), 'graphql-refused', 'an empty batch')
  t.end()
})

test('who sees all classes may use any argument, and nothing else more', (t) => {
  for (const query of [
    '{ search(text: "a") { __typename } }',
    '{ users(orderBy: EMAIL) { id } }',
  ]) {
    t.equal(outcome(query, {}, true), 'taken', query)
  }
  for (const query of ['mutation { deleteUser(id: 7) }', '{ __schema { types { name } } }']) {
    t.equal(outcome(query, {}, true), 'graphql-refused', query)
  }
  t.end()
})

test('an operation has a size', (t) => {
  const nested = (depth: number) =>
    `{ user(id: 7) { ${'manager { '.repeat(depth - 2)}id${' }'.repeat(depth - 2)} } }`
  t.equal(outcome(nested(12)), 'taken')
  t.equal(outcome(nested(13)), 'graphql-limit')
  const aliased = (count: number) =>
    `{ user(id: 7) { ${Array.from({ length: count }, (_, at) => `a${at}: email`).join(' ')} } }`
  t.equal(outcome(aliased(30)), 'taken')
  t.equal(outcome(aliased(31)), 'graphql-limit')
  t.equal(outcome(`{ user(id: 7) { ${'email '.repeat(1_100)} } }`), 'graphql-limit')
  t.equal(outcome(`{ version ${'@include(if: true) '.repeat(60)} }`), 'graphql-limit')
  const repeated = (count: number) => `{ user(id: 7) { ${'manager { id } '.repeat(count)} } }`
  t.equal(outcome(repeated(20)), 'taken')
  t.equal(outcome(repeated(60)), 'graphql-limit')
  const rounds = [
    '{ ...A } fragment A on Query { ...A }',
    '{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }',
  ]
  for (const query of rounds) t.equal(outcome(query), 'graphql-limit', query)
  const doubled = Array.from(
    { length: 20 },
    (_, at) => `fragment F${at} on Query { ...F${at + 1} ...F${at + 1} }`,
  )
  t.equal(
    outcome(`{ ...F0 } ${doubled.join(' ')} fragment F20 on Query { version }`),
    'graphql-limit',
  )
  const unused = Array.from({ length: 300 }, () => 'manager { id manager { id } }').join(' ')
  t.equal(outcome(`{ version } fragment F on User { ${unused} }`), 'graphql-limit', 'unused')
  const many = 'again { again { version } } '.repeat(500)
  const doubles = [
    `{ ...F } fragment F on Query { ${many} } fragment F on Query { version }`,
    `fragment F on Query { version } fragment F on Query { ${many} } fragment F on Query { version } { ...F }`,
    `{ version } fragment F on Query { version @log } fragment F on Query { version ${'@skip(if: true) '.repeat(60)}}`,
  ]
  for (const query of doubles)
    t.not(
      outcome(query),
      'graphql-malformed',
      'a double name does not get a fragment past the limits',
    )
  const wide = (first: string) =>
    `query ${first === '$n' ? '($n: Int)' : ''} { users(first: ${first}) { tickets(first: 100) { id subject } } }`
  t.equal(outcome(wide('10')), 'taken')
  t.equal(outcome(wide('1000')), 'graphql-limit')
  t.equal(outcome(wide('$n'), { variables: { n: 1000 } }), 'graphql-limit')
  const byDefault =
    'query ($n: Int = 1000) { users(first: $n) { tickets(first: 100) { id subject } } }'
  t.equal(outcome(byDefault), 'graphql-limit')
  t.equal(outcome(byDefault, { variables: { n: 10 } }), 'taken')
  const two = '{ users(first: 1, last: 1000) { tickets(first: 100) { id } } }'
  t.equal(outcome(two), 'graphql-limit', 'the longest of two')
  t.equal(outcome('{ paged(page: { first: 10 }) { id } }'), 'taken')
  t.equal(outcome('{ paged(page: { first: 1000000 }) { id } }'), 'graphql-limit')
  const paged =
    'query ($p: Page, $n: Int) { a: paged(page: $p) { id } b: paged(page: { first: $n }) { id } }'
  t.equal(outcome(paged, { variables: { p: { first: 10 }, n: 10 } }), 'taken')
  t.equal(outcome(paged, { variables: { p: { first: 1e6 }, n: 10 } }), 'graphql-limit')
  t.equal(outcome(paged, { variables: { p: { first: 10 }, n: 1e6 } }), 'graphql-limit')
  t.equal(
    outcome('{ users { tickets { requester { tickets { requester { tickets { id } } } } } } }'),
    'graphql-limit',
  )
  t.end()
})

test('what goes upstream is the one operation, written anew, with the ids of data subjects', (t) => {
  const text = (query: string, more: object = {}) => {
    const operation = asked(route, { query, ...more })
    return typeof operation === 'string' ? operation : operation.text.replaceAll(/\s+/g, ' ')
  }
  t.equal(
    text('query A{version} query B{user(id:7){email}}', { operationName: 'B' }),
    'query B { user(id: 7) { email celosia_id_0: id } }',
  )
  t.equal(text('{actor(id:7){name}}'), '{ actor(id: 7) { name ... on User { celosia_id_0: id } } }')
  t.equal(
    text('{user(id:7){...F} tickets{nodes{id}}} fragment F on User{manager{vip}} '),
    '{ user(id: 7) { ...F celosia_id_0: id } tickets { nodes { id } } } fragment F on User { manager { vip celosia_id_0: id } celosia_id_0: id }',
  )
  t.equal(text('{version}'), '{ version }')
  t.end()
})
