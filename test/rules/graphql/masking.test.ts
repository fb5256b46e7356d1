/**
 * Answers of GraphQL: each value is masked by the field of the schema that it comes from, whatever the query calls it. Held
 * against an executor whose resolvers mask.
 */
import { buildSchema, executeSync, isListType, getNullableType, parse } from 'graphql'
import type { GraphQLFieldResolver, GraphQLOutputType } from 'graphql'
import * as fc from 'fast-check'
import { test } from 'tap'
import type { RouteMasking } from '../../../src/rules/compiled-policy.ts'
import { asked, deskRoute, SCHEMA } from './desk.ts'

const route = deskRoute()
const EMAIL = 'jane.doe@example.com'
const AGENT = { roles: ['agent'], revealed: [] }

function maskingOf(query: string, role = 'agent', desk = route): RouteMasking {
  const operation = asked(desk, { query })
  if (typeof operation === 'string') throw new Error(`${operation}: ${query}`)
  const masking = desk.graphql.maskingFor(operation, { roles: [role], revealed: [] })
  if (masking === undefined) throw new Error(`ambiguous: ${query}`)
  return masking
}

function masked(query: string, answer: unknown, role = 'agent', desk = route): unknown {
  const rewriter = maskingOf(query, role, desk).start()
  const pushed = rewriter.push(Buffer.from(JSON.stringify(answer)), true)
  return pushed.kind === 'bytes' ? JSON.parse(pushed.bytes.toString()) : 'needs keys'
}

test('aliases, fragments and interfaces do not hide a class', (t) => {
  const user = {
    data: { user: { x: 'jane@example.com', y: 'Jane Doe', vip: true, celosia_id_0: '7' } },
  }
  t.same(masked('{ user(id: 7) { x: email y: name vip } }', user), {
    data: { user: { x: 'j***@example.com', y: 'Jane Doe', vip: true } },
  })
  t.same(masked('{ user(id: 7) { ...F } } fragment F on User { x: email y: name vip }', user), {
    data: { user: { x: 'j***@example.com', y: 'Jane Doe', vip: true } },
  })
  const actor = { data: { a: { x: 'jane@example.com', celosia_id_0: '7' } } }
  t.same(masked('{ a: actor(id: 7) { x: email } }', actor), {
    data: { a: { x: 'j***@example.com' } },
  })
  t.same(masked('{ a: actor(id: 7) { ... on Bot { x: email } } }', actor), {
    data: { a: { x: 'j***@example.com' } },
  })
  t.same(masked('{ a: actor(id: 7) { x: email } }', actor, 'lead'), {
    data: { a: { x: 'jane@example.com' } },
  })
  t.end()
})

test('lists, lists of lists, objects with a class, and what is not listed', (t) => {
  t.same(masked('{ user(id: 7) { p: phones } }', { data: { user: { p: ['1', '2'] } } }), {
    data: { user: { p: '[redacted]' } },
  })
  t.same(
    masked('{ grid { email rank } }', {
      data: { grid: [[{ email: 'a@b.cc', rank: 3 }, null], null] },
    }),
    {
      data: { grid: [[{ email: '***@b.cc', rank: 0 }, null], null] },
    },
  )
  t.same(
    masked('{ user(id: 7) { address { city } extra } }', {
      data: { user: { address: { city: 'x' }, extra: { a: [1, 'b'] } } },
    }),
    {
      data: { user: { extra: { a: [0, '[masked]'] } } },
    },
  )
  t.same(
    masked(
      '{ user(id: 7) { address { city } } }',
      { data: { user: { address: { city: 'x' } } } },
      'lead',
    ),
    {
      data: { user: { address: { city: 'x' } } },
    },
  )
  t.end()
})

test('what was not asked for, or has another shape than the schema says, is masked', (t) => {
  const query = '{ users { vip n: name } }'
  const odd = [
    [
      { data: { users: { vip: true, n: 'Jane' } } },
      { data: { users: { vip: false, n: '[masked]' } } },
    ],
    [{ data: { users: [[{ vip: true }]] } }, { data: { users: [[{ vip: false }]] } }],
    [
      { data: { other: [{ vip: true, email: 'a' }] } },
      { data: { other: [{ vip: false, email: '[masked]' }] } },
    ],
    [{ users: [{ vip: true }] }, { users: [{ vip: false }] }],
    [[{ data: { users: [{ vip: true }] } }], [{ data: { users: [{ vip: false }] } }]],
    [
      { data: { users: [{ vip: { deep: 'x' } }] } },
      { data: { users: [{ vip: { deep: '[masked]' } }] } },
    ],
    [{ data: 'jane@example.com' }, { data: '[masked]' }],
  ]
  for (const [answer, expected] of odd)
    t.same(masked(query, answer), expected, JSON.stringify(answer))
  t.end()
})

test('what lies in an interface that no type of the schema has is not about the schema', (t) => {
  const query = '{ owned { by { rank email } extra } }'
  const answer = { data: { owned: { by: { rank: 3, email: EMAIL, x: 'jane' }, extra: ['jane'] } } }
  t.same(masked(query, answer), {
    data: {
      owned: { by: { rank: 0, email: 'j***@example.com', x: '[masked]' }, extra: ['[masked]'] },
    },
  })
  t.end()
})

test('errors keep their path, and nothing else of them leaves', (t) => {
  const answer = {
    data: { user: null },
    errors: [
      {
        message: 'jane@example.com is no user',
        path: ['user', 0, 'x'],
        locations: [{ line: 1 }],
        extensions: { sql: 'jane' },
        other: 'jane',
      },
    ],
    extensions: { trace: 'jane' },
  }
  t.same(masked('{ user(id: 7) { vip } }', answer), {
    data: { user: null },
    errors: [{ message: '[masked]', path: ['user', 0, 'x'], other: '[masked]' }],
  })
  t.end()
})

test('data subjects are counted, also where the query does not ask for ids', (t) => {
  const masking = maskingOf('{ users { x: email } actor(id: 9) { email } }')
  const rewriter = masking.start()
  const email = 'jane@example.com'
  rewriter.push(
    Buffer.from(
      JSON.stringify({
        data: {
          users: [
            { x: email, celosia_id_0: '7' },
            { x: email, celosia_id_0: 8 },
          ],
          actor: { email, celosia_id_0: '7' },
        },
      }),
    ),
    true,
  )
  const { dataSubjects } = masking.report(rewriter.exposures())
  t.match(
    dataSubjects.map(({ kind, id, classes }) => [kind, id, classes[0]?.masked]),
    [
      ['user', '7', 2],
      ['user', '8', 1],
    ].map(([kind, id, count]) => [kind, id, id === '7' ? 1 : count]),
  )
  t.equal(
    dataSubjects.reduce((sum, { classes }) => sum + (classes[0]?.masked ?? 0), 0),
    3,
  )
  t.end()
})

test('the ledger names fields of the schema, never the names of the caller', (t) => {
  const desk = deskRoute((policy) =>
    policy.replace('\nanywhere:', '\naudit: { ledger: locations }\nanywhere:'),
  )
  const masking = maskingOf(
    '{ user(id: 7) { jane_doe: email } actor(id: 8) { jane: email } }',
    'agent',
    desk,
  )
  const rewriter = masking.start()
  const answer = { data: { user: { jane_doe: EMAIL }, actor: { jane: EMAIL } } }
  rewriter.push(Buffer.from(JSON.stringify(answer)), true)
  const { locations } = masking.report(rewriter.exposures())
  const rule = 'routes.0.graphql.fields.contact.email'
  t.same(
    locations?.map(({ at, rule: by, count }) => [at, by, count]),
    [
      ['User.email', rule, 1],
      ['Bot.email, User.email', rule, 1],
    ],
  )
  t.end()
})

test('one name for a field with a class and one without is ambiguous', (t) => {
  const ambiguous = [
    '{ search(text: "a") { ... on User { x: email } ... on Ticket { x: subject } } }',
    '{ search(text: "a") { ... on User { x: address { y: city } } ... on Bot { x: owner { y: name } } } }',
  ]
  for (const query of ambiguous) {
    const operation = asked(route, { query }, true)
    if (typeof operation === 'string') t.fail(operation)
    else t.equal(route.graphql.maskingFor(operation, AGENT), undefined, query)
  }
  const plain = asked(
    route,
    { query: '{ search(text: "a") { ... on User { x: email } ... on Bot { x: name } } }' },
    true,
  )
  t.ok(
    typeof plain !== 'string' && route.graphql.maskingFor(plain, AGENT),
    'two classes are one case for the order of protection',
  )
  t.end()
})

test('unlisted fields are shown where the policy says so, and only fields that were asked for', (t) => {
  const open = deskRoute((policy) => policy.replace('unlisted: mask', 'unlisted: show'))
  t.same(
    masked(
      '{ user(id: 7) { rank email } }',
      { data: { user: { rank: 3, email: 'jane@example.com', other: 'x' } }, x: 1 },
      'agent',
      open,
    ),
    { data: { user: { rank: 3, email: 'j***@example.com', other: '[masked]' } }, x: 0 },
  )
  t.end()
})

test('the schema is shown where the policy lets callers ask for it', (t) => {
  const open = deskRoute((policy) =>
    policy.replace('schema: desk', 'introspection: pass\n      schema: desk'),
  )
  const query =
    '{ s: __schema { types { name fields { name } } } __type(name: "User") { description } version }'
  const answer = {
    data: {
      s: { types: [{ name: 'User', fields: [{ name: 'email' }] }] },
      __type: { description: null },
      version: '1',
    },
  }
  t.same(masked(query, answer, 'agent', open), answer)
  const both =
    '{ any { ... on Query { x: __type(name: "User") { y: name } } ... on User { x: manager { z: name w: rank } } } }'
  const user = { any: { x: { z: 'Jane Doe', w: 3, more: 'jane' } } }
  t.same(
    masked(both, { data: user }, 'agent', open),
    { data: { any: { x: { z: 'Jane Doe', w: 0, more: '[masked]' } } } },
    'a name that stands for the schema and for data',
  )
  t.end()
})

test('programs are kept for each operation and role set', (t) => {
  const query = '{ user(id: 7) { email } }'
  t.equal(maskingOf(query), maskingOf('query {user(id:7){email}}'), 'the same operation')
  t.not(maskingOf(query), maskingOf(query, 'lead'))
  for (let at = 0; at < 201; at += 1) maskingOf(`{ user(id: ${at}) { vip } }`)
  t.not(maskingOf(query), undefined)
  t.end()
})

test('of large operations fewer programs are kept', (t) => {
  const desk = deskRoute()
  const query = '{ user(id: 7) { email } }'
  const first = maskingOf(query, 'agent', desk)
  const users = Array.from(
    { length: 29 },
    (_, at) =>
      `u${at}: user(id: ${at}) { id name email vip rank manager { id name email vip rank phones address { city } } }`,
  )
  const large = (at: number) => `{ version ${users.join(' ')} a${at}: version }`
  const kept = (count: number) => {
    for (let at = 0; at < count; at += 1) maskingOf(large(at), 'agent', desk)
    return maskingOf(query, 'agent', desk) === first
  }
  t.ok(kept(10))
  t.notOk(kept(40), 'what is kept has a size')
  t.end()
})

/** Field names by type, for random queries: leaves and objects. */
const LEAVES: Readonly<Record<string, readonly string[]>> = {
  Query: ['version', '__typename'],
  User: ['id', 'name', 'email', 'phones', 'vip', 'rank', '__typename'],
  Bot: ['id', 'name', 'email'],
  Actor: ['id', 'name', 'email', '__typename'],
  Ticket: ['id', 'subject', 'status', 'rank'],
  TicketConnection: ['__typename'],
  Address: ['street', 'city'],
}
const OBJECTS: Readonly<Record<string, readonly (readonly [field: string, type: string])[]>> = {
  Query: [
    ['user(id: 7)', 'User'],
    ['users', 'User'],
    ['actor(id: 8)', 'Actor'],
    ['actors', 'Actor'],
    ['tickets', 'TicketConnection'],
    ['grid', 'User'],
  ],
  User: [
    ['tickets', 'Ticket'],
    ['manager', 'User'],
    ['address', 'Address'],
  ],
  Bot: [['owner', 'User']],
  Actor: [],
  Ticket: [['requester', 'User']],
  TicketConnection: [['nodes', 'Ticket']],
  Address: [],
}

// Each selection has an alias of its own, so that the answer is unambiguous.
function selectionSet(type: string, depth: number): fc.Arbitrary<string> {
  const alias = fc.stringMatching(/^[a-w][a-z]{5}$/)
  const leaf = fc
    .tuple(alias, fc.constantFrom(...(LEAVES[type] ?? [])))
    .map(([name, field]) => `${name}: ${field}`)
  const objects = OBJECTS[type] ?? []
  const narrowed = type === 'Actor' ? ['User', 'Bot'] : [type]
  const inline =
    depth > 0
      ? fc
          .constantFrom(...narrowed)
          .chain((inner) => selectionSet(inner, depth - 1).map((set) => `... on ${inner} ${set}`))
      : leaf
  const object =
    depth > 0 && objects.length > 0
      ? fc
          .tuple(alias, fc.constantFrom(...objects))
          .chain(([name, [field, inner]]) =>
            selectionSet(inner, depth - 1).map((set) => `${name}: ${field} ${set}`),
          )
      : leaf
  return fc
    .array(fc.oneof(leaf, object, inline), { minLength: 1, maxLength: 4 })
    .map((selections) => `{ ${selections.join(' ')} }`)
}

const schema = buildSchema(SCHEMA)

/** A world in which every value of a type is the same, made of what the schema says. */
function valueOf(type: GraphQLOutputType, field: string): unknown {
  const inner = getNullableType(type)
  if (isListType(inner)) return [valueOf(inner.ofType, field), valueOf(inner.ofType, field)]
  const values: Record<string, unknown> = {
    email: EMAIL,
    name: 'Jane Doe',
    vip: true,
    rank: 3,
    id: '7',
    hasNextPage: true,
  }
  if (field in values) return values[field]
  const name = 'name' in inner ? inner.name : ''
  if (name === 'String' || name === 'ID') return `value of ${field}`
  return { __typename: name === 'Actor' ? (field === 'actor' ? 'Bot' : 'User') : name }
}

const raw: GraphQLFieldResolver<unknown, unknown> = (_source, _args, _context, info) =>
  valueOf(info.returnType, info.fieldName)

const MASKS: Readonly<Record<string, (value: unknown) => unknown>> = {
  'User.email': () => 'j***@example.com',
  'Bot.email': () => 'j***@example.com',
  'User.phones': () => REMOVED_LIST,
  'User.rank': () => 0,
  'Ticket.rank': () => 0,
  'Ticket.subject': () => '[masked]',
  'Address.street': () => '[masked]',
  'Address.city': () => '[masked]',
}
const REMOVED_LIST = ['[redacted]', '[redacted]']

const masking: GraphQLFieldResolver<unknown, unknown> = (source, args, context, info) => {
  const value = raw(source, args, context, info)
  return MASKS[`${info.parentType.name}.${info.fieldName}`]?.(value) ?? value
}

test('any query: the raw answer, masked, is the answer of resolvers that mask', (t) => {
  let ran = 0
  fc.assert(
    fc.property(selectionSet('Query', 4), (query) => {
      const operation = asked(route, { query })
      // Too large, or by chance two fields under one alias.
      if (typeof operation === 'string') return operation !== 'graphql-refused'
      const masked = route.graphql.maskingFor(operation, AGENT)
      if (masked === undefined) return false
      ran += 1
      const document = parse(operation.text)
      const answer = executeSync({ schema, document, fieldResolver: raw })
      const pushed = masked.start().push(Buffer.from(JSON.stringify(answer)), true)
      const got =
        pushed.kind === 'bytes' ? (JSON.parse(pushed.bytes.toString()) as unknown) : undefined
      const expected = executeSync({ schema, document: parse(query), fieldResolver: masking })
      return sameMasked(got, JSON.parse(JSON.stringify(expected)))
    }),
    { numRuns: 150 },
  )
  t.ok(ran > 50, `${ran} queries were run`)
  t.end()
})

/** The same, but for what operators take as a whole: an address that is suppressed, a list that is redacted. */
function sameMasked(got: unknown, expected: unknown): boolean {
  if (JSON.stringify(expected) === JSON.stringify(REMOVED_LIST)) return got === '[redacted]'
  if (Array.isArray(got) && Array.isArray(expected)) {
    return got.length === expected.length && got.every((one, at) => sameMasked(one, expected[at]))
  }
  if (typeof got !== 'object' || got === null) return got === expected
  const all = expected as Record<string, unknown>
  const own = got as Record<string, unknown>
  return (
    Object.keys(all).every((name) =>
      name in own ? sameMasked(own[name], all[name]) : isAddress(all[name]),
    ) && Object.keys(own).every((name) => name in all)
  )
}

function isAddress(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.values(value).every((one) => one === '[masked]')
  )
}
