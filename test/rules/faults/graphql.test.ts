/** Policies that say of a GraphQL endpoint what its schema does not hold. */
import { test } from 'tap'
import { SCHEMA } from '../graphql/desk.ts'
import { BODY, checkFaults } from './table.ts'

const fixtures = {
  'desk.graphql': SCHEMA,
  'bad.graphql': 'type Query { a: Missing }',
  'none.graphql': '{',
}
const endpoint = (...lines: readonly string[]) =>
  ['  - match: POST /graphql', '    upstream: desk', ...lines.map((line) => `    ${line}`)]
    .join('\n')
    .concat('\n')
const graphql = (inside: string) => BODY + endpoint(`graphql: { schema: desk.graphql, ${inside} }`)

test('names are held against the schema', (t) => {
  checkFaults(t, [
    {
      name: 'no schema there',
      fixtures,
      policy: BODY + endpoint('graphql: { schema: ▸other.graphql }'),
      says: [/cannot be read/],
    },
    {
      name: 'a schema that is not valid',
      fixtures,
      policy:
        BODY +
        endpoint('graphql: { schema: ▸bad.graphql }') +
        endpoint('graphql: { schema: ▸none.graphql }').replace('/graphql', '/other'),
      says: [/not valid/, /not valid/],
    },
    {
      name: 'no schema named',
      fixtures,
      policy: BODY + endpoint('▸graphql: {}'),
      says: [/lacks `schema`/],
    },
    {
      name: 'types and fields that are not there',
      fixtures,
      policy: graphql('fields: { contact.email: [▸Usr.email, ▸User.mail, Bot.email, User.email] }'),
      says: [/unknown type of the schema `Usr`/, /unknown field of User `mail`/],
      hints: [/`User`/, /`email`/],
    },
    {
      name: 'a field without a type',
      fixtures,
      policy: graphql('fields: { contact.email: ▸email }'),
      says: [/none of the forms/],
    },
    {
      name: 'types that have no fields in answers',
      fixtures,
      policy: graphql('plain: [▸UserFilter.email, ▸Found.id, ▸JSON.x]'),
      says: [/unknown type/, /unknown type/, /unknown type/],
    },
    {
      name: 'an unknown class',
      fixtures,
      policy: graphql('fields: { ▸contact.mail: Ticket.subject }'),
      says: [/unknown class/],
    },
    {
      name: 'an object that is plain',
      fixtures,
      policy: graphql('plain: [▸User.manager, ▸Query.tickets, User.phones]'),
      says: [/is an object/, /is an object/],
    },
    {
      name: 'one implementation of an interface with a class, the other open',
      fixtures,
      policy: graphql('fields: ▸{ contact.email: User.email }'),
      says: [/`User\.email` has a class and `Bot\.email` is not listed/],
      hints: [/under plain/],
    },
    {
      name: 'an interface that no type has, so that a class of it would cover nothing',
      fixtures,
      policy: graphql('fields: { contact.email: ▸Owned.extra }, plain: [▸Owned.extra]'),
      says: [/no type of the schema has the interface Owned/, /no type of the schema has/],
      hints: [/whole schema/],
    },
    {
      name: 'arguments that are not there',
      fixtures,
      policy: graphql(
        'arguments: [▸Query.user.name, ▸User.id, Actor.id.x, UserFilter.email]',
      ).replace('Actor.id.x', '▸Actor.id.x'),
      says: [/unknown argument/, /unknown argument/, /unknown argument/],
    },
    {
      name: 'data subjects that are none',
      fixtures,
      policy: graphql(
        'dataSubjects: [{ kind: user, type: ▸Actor, id: id }, { kind: user, type: User, id: ▸uid }, { kind: user, type: User, id: ▸manager }, { kind: user, type: User, id: ▸phones }, { kind: tag, type: Ticket, id: ▸tags }]',
      ),
      says: [/unknown object type/, /unknown field/, /is no id/, /is no id/, /`tags` is no id/],
    },
    {
      name: 'a trap of a kind that only sounds like one of the endpoint',
      fixtures,
      policy: `${graphql('dataSubjects: [{ kind: user, type: User, id: id }]')}detect:
  - { name: t, count: { traps: { user: ["1"], ▸usr: ["1"] }, within: 1h }, then: [flag] }
`,
      says: [/unknown kind of data subject `usr`/],
      hints: [/did you mean `user`/],
    },
  ])
  t.end()
})

test('an endpoint is nothing else', (t) => {
  checkFaults(t, [
    {
      name: 'another method, and a write',
      fixtures,
      policy:
        BODY +
        endpoint('graphql: { schema: desk.graphql }').replace('POST /graphql', '▸GET /graphql') +
        endpoint('graphql: { schema: desk.graphql }', 'effect: ▸write').replace(
          '/graphql',
          '/other',
        ),
      says: [/asked with POST/, /mutations are refused/],
    },
    {
      name: 'what is said of JSON',
      fixtures,
      policy:
        BODY +
        endpoint(
          'graphql: { schema: desk.graphql }',
          '▸plain: [$.id]',
          '▸cache: { maxAge: 1m }',
          '▸fixture: none',
          '▸body: { types: [application/json] }',
          '▸query: { page: [a] }',
        ),
      says: [
        /does not stand beside/,
        /only answers to GET/,
        /does not stand beside/,
        /does not stand beside/,
        /does not stand beside/,
      ],
    },
    {
      name: 'limits that are none',
      fixtures,
      policy: graphql('limits: { depth: ▸0, aliases: ▸-1, cost: ▸10000000, ▸fields: 3 }'),
      says: [/depth/, /aliases/, /cost/, /unknown key/],
    },
  ])
  t.end()
})
