/** F72: a GraphQL endpoint of the policy. What a query calls a field does not hide it, and nothing but listed queries goes upstream. */
import type { PolicyDocument } from '../../src/rules/policy/document.ts'
import { jsonAnswer } from '../helpers/upstream-answers.ts'
import type { World } from '../helpers/world.ts'
import { SCHEMA } from '../rules/graphql/desk.ts'
import { get, rawRequest, type Attack, type Outcome } from './attack-table.ts'
import { bearer } from './token-rows.ts'

/** Files beside the policy of these rows. */
export const FILES: Readonly<Record<string, string>> = { 'desk.graphql': SCHEMA }

/** The shipped policy with an endpoint. */
export function withGraphql(policy: PolicyDocument): PolicyDocument {
  return {
    ...policy,
    routes: [
      ...policy.routes,
      {
        match: 'POST /graphql',
        upstream: Object.keys(policy.upstreams)[0] ?? '',
        graphql: {
          schema: 'desk.graphql',
          fields: {
            'contact.email': ['User.email', 'Bot.email'],
            'contact.phone': 'User.phones',
            'payment.card': 'Address.city',
          },
          plain: ['Actor.id', 'User.vip', 'Ticket.id'],
          arguments: ['Query.user.id', 'Query.users.first', 'Query.actor.id'],
          dataSubjects: [{ kind: 'user', type: 'User', id: 'id' }],
        },
      },
    ],
  }
}

/** The rows, for an agent's token. */
export function graphqlRows({ canaries, upstream }: World, token: string): Attack[] {
  const email = canaries.make('email', 'user.email')
  const phone = canaries.make('phone', 'user.phone')
  const text = canaries.make('text', 'user.notes')
  const send = (body: unknown, ...lines: readonly string[]) => {
    const bytes = typeof body === 'string' ? body : JSON.stringify(body)
    const type = lines.length > 0 ? lines : ['Content-Type: application/json']
    const length = `Content-Length: ${Buffer.byteLength(bytes)}`
    return rawRequest('POST /graphql HTTP/1.1', ['Host: a', bearer(token), ...type, length], bytes)
  }
  const row = (
    name: string,
    body: unknown,
    expect: Outcome,
    more: Partial<Attack> = {},
  ): Attack => ({
    id: 'F72',
    name: `GraphQL: ${name}`,
    send: send(body),
    expect: [expect],
    ...more,
  })
  const user = {
    id: '7',
    e: email,
    x: { e: email, p: [phone] },
    email,
    phones: [phone],
    name: text,
    extra: { a: text },
    celosia_id_0: '7',
  }
  const answered = (
    name: string,
    query: string,
    answer: unknown = { data: { user, actor: user, users: [user], a: user } },
  ): Attack =>
    row(name, { query }, 'permit', {
      answer: jsonAnswer(answer),
      allowed: [`${email.charAt(0)}***@${email.split('@')[1] ?? ''}`],
      check: (t, { body }) => {
        t.notMatch(body.toString(), '"celosia_id_0":"7"')
        const [sent] = upstream.requests
        t.match(JSON.parse(sent?.body.toString() ?? ''), { query: /celosia_id_0: id/ })
      },
    })
  const refused = (name: string, body: unknown, reason: Outcome = 'graphql-refused') =>
    row(name, body, reason)
  const malformed = (name: string, query: string) => refused(name, { query }, 'graphql-malformed')
  return [
    answered('plain names', '{ user(id: 7) { id email phones name extra } }'),
    answered('aliases', '{ user(id: 7) { e: email x: manager { e: email p: phones } } }'),
    answered(
      'fragments',
      '{ user(id: 7) { ...F x: manager { ...F p: phones } } } fragment F on User { e: email }',
    ),
    answered(
      'an interface',
      '{ actor(id: 7) { id e: email ... on User { x: manager { e: email } } } }',
    ),
    answered('lists', '{ users(first: 2) { e: email phones } }'),
    answered('an alias at the root', '{ a: user(id: 7) { e: email } }'),
    answered('more than was asked for', '{ user(id: 7) { vip } }'),
    answered('another shape', '{ user(id: 7) { vip email } }', {
      data: { user: [[user]], users: { a: user } },
    }),
    answered('errors and extensions', '{ user(id: 7) { vip } }', {
      data: { user: null },
      errors: [{ message: email, extensions: { sql: text }, locations: [{ line: text }] }],
      extensions: { tracing: [text] },
    }),
    answered('parts that come later', '{ user(id: 7) { vip } }', {
      data: { user: { vip: true } },
      incremental: [{ data: user, path: ['user', email] }, { items: [user] }],
      hasNext: true,
    }),
    ...['multipart/mixed; boundary="-"', 'text/event-stream'].map((type) =>
      row(`${type} as an answer`, { query: '{ user(id: 7) { vip } }' }, 'upstream-type-refused', {
        answer: jsonAnswer({ data: { user } }, { contentType: type }),
      }),
    ),
    row(
      'an error by status',
      { query: '{ user(id: 7) { vip } }' },
      { reason: 'upstream-error', status: 400 },
      {
        answer: jsonAnswer({ errors: [{ message: email }] }, { status: 400 }),
      },
    ),
    refused('a mutation', { query: 'mutation { deleteUser(id: 7) }' }),
    refused('a subscription', { query: 'subscription { userChanged { email } }' }),
    refused('introspection', { query: '{ __schema { types { name } } }' }),
    refused('introspection of a type', { query: '{ u: __type(name: "User") { name } }' }),
    refused('a batch', [{ query: '{ user(id: 7) { vip } }' }]),
    refused('a persisted query', {
      extensions: { persistedQuery: { version: 1, sha256Hash: 'a'.repeat(64) } },
    }),
    refused('a search by a hidden value', { query: `{ search(text: "${email}") { __typename } }` }),
    refused('a filter by a hidden value', {
      query: `{ users(filter: { email: "${email}" }) { id } }`,
    }),
    refused('a sort by a hidden value', { query: '{ users(orderBy: EMAIL) { id } }' }),
    refused('a directive', { query: '{ user(id: 7) { vip @log(text: "x") } }' }),
    refused('parts that are to come later', {
      query: '{ user(id: 7) { vip ... @defer { email } } }',
    }),
    refused('lists that are to come later', { query: '{ users @stream { email } }' }),
    refused('a search by a variable', {
      query: 'query ($f: UserFilter) { users(filter: $f) { id } }',
      variables: { f: { email } },
    }),
    refused('a search by the default of a variable', {
      query: `query ($f: UserFilter = { email: "${email}" }) { users(filter: $f) { id } }`,
    }),
    refused('the name of an id of ours', { query: '{ user(id: 7) { celosia_id_0: email } }' }),
    refused(
      'the same name for a class and none',
      {
        query: '{ actor(id: 7) { ... on User { x: email } ... on Bot { x: name } } }',
      },
      'graphql-ambiguous',
    ),
    refused(
      'too deep',
      { query: `{ user(id: 7) { ${'manager { '.repeat(20)}vip${' }'.repeat(20)} } }` },
      'graphql-limit',
    ),
    refused(
      'too many aliases',
      {
        query: `{ user(id: 7) { ${Array.from({ length: 40 }, (_, at) => `a${at}: email`).join(' ')} } }`,
      },
      'graphql-limit',
    ),
    refused(
      'a fragment in itself',
      { query: '{ user(id: 7) { ...F } } fragment F on User { ...F }' },
      'graphql-limit',
    ),
    malformed('another field', '{ user(id: 7) { password } }'),
    malformed('no query', 'email'),
    malformed('two fields under one name', '{ user(id: 7) { x: email x: name } }'),
    {
      ...refused('GET', {}, 'route-unlisted'),
      send: get('/graphql?query=%7bversion%7d', bearer(token)),
    },
    {
      ...refused('a query beside the body', {}, 'parameter-undeclared'),
      send: rawRequest(
        'POST /graphql?query=%7buser(id:7)%7bemail%7d%7d HTTP/1.1',
        ['Host: a', bearer(token), 'Content-Type: application/json', 'Content-Length: 23'],
        '{"query":"{ version }"}',
      ),
    },
    {
      ...refused('an upload', {}, 'body-type-undeclared'),
      send: send(
        '--b\r\nContent-Disposition: form-data; name="operations"\r\n\r\n{"query":"{ version }"}\r\n--b--',
        'Content-Type: multipart/form-data; boundary=b',
      ),
    },
    {
      ...refused('another type', {}, 'body-type-undeclared'),
      send: send('{ version }', 'Content-Type: application/graphql'),
    },
    {
      ...refused('a form', {}, 'body-type-undeclared'),
      send: send('query=%7bversion%7d', 'Content-Type: application/x-www-form-urlencoded'),
    },
    {
      ...refused('a coded body', {}, 'body-type-undeclared'),
      send: send('{}', 'Content-Type: application/json', 'Content-Encoding: gzip'),
    },
    refused('no JSON', '{"query":', 'body-malformed'),
    refused(
      'members twice',
      '{"query":"{ version }","query":"{ user(id: 7) { email } }"}',
      'body-malformed',
    ),
  ]
}
