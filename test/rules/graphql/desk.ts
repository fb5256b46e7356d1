/** A helpdesk's schema and policy for tests of GraphQL. */
import type { Route } from '../../../src/rules/compiled-policy.ts'
import type { GraphqlRoute } from '../../../src/rules/graphql/graphql-rules.ts'
import { readOperation } from '../../../src/rules/graphql/operation.ts'
import type { Operation } from '../../../src/rules/graphql/operation.ts'
import { readRequest } from '../../../src/rules/graphql/read-request.ts'
import { compileText, PRELUDE } from '../policy-text.ts'

/** Objects, an interface, a union, lists of lists, arguments of every kind. */
export const SCHEMA = `
type Query {
  user(id: ID!): User
  users(first: Int, last: Int, filter: UserFilter, orderBy: UserOrder): [User!]!
  actor(id: ID!): Actor
  actors(first: Int): [Actor]
  tickets(first: Int, after: String): TicketConnection!
  search(text: String!, first: Int): [Found!]!
  grid: [[User]]
  paged(page: Page): [User!]!
  again: Query
  any: Any
  owned: Owned
  version: String!
}
interface Owned { by: User extra: JSON }
interface Actor { id: ID! name: String email: String }
type User implements Actor {
  id: ID!
  name: String
  email: String
  phones(kind: String): [String!]!
  vip: Boolean
  rank: Int
  tickets(first: Int): [Ticket!]!
  manager: User
  address: Address
  extra: JSON
}
type Bot implements Actor { id: ID! name: String email: String owner: User }
type Address { street: String city: String }
type Ticket { id: ID! subject: String status: String requester: User! rank: Int tags: [String!]! }
type TicketConnection { nodes: [Ticket!]! pageInfo: PageInfo! }
type PageInfo { endCursor: String hasNextPage: Boolean! }
union Found = User | Ticket | Bot
union Any = Query | User
input UserFilter { email: String city: CityFilter ids: [ID!] }
input Page { first: Int }
input CityFilter { is: String }
enum UserOrder { NAME EMAIL }
scalar JSON
type Mutation { deleteUser(id: ID!): Boolean }
type Subscription { userChanged: User }
directive @log(text: String) on FIELD
`

const POLICY = `${PRELUDE}classes:
  person.name: { mask: initials }
  contact.email: { mask: email }
  contact.phone: { mask: redact }
  contact.address: { mask: suppress }
roles: { agent: { show: [person.name] }, lead: { show: [person.name, "contact.*"] } }
anywhere: { contact.email: $..mail }
routes:
  - match: POST /graphql
    upstream: desk
    graphql:
      schema: desk.graphql
      fields:
        person.name: Actor.name
        contact.email: [User.email, Bot.email]
        contact.phone: User.phones
        contact.address: User.address
      plain: [Actor.id, User.vip, Ticket.id, Ticket.status, PageInfo.endCursor, PageInfo.hasNextPage, Query.version]
      arguments: [Query.user.id, Query.users.first, Query.users.last, Query.paged.page, Page.first, Query.users.filter, UserFilter.ids, Query.actor.id, Query.actors.first, Query.tickets.first, Query.tickets.after, User.tickets.first]
      dataSubjects: [{ kind: user, type: User, id: id }]
`

/** The route of the endpoint; `change` changes the policy's text. */
export function deskRoute(
  change: (policy: string) => string = (policy) => policy,
): Route & { readonly graphql: GraphqlRoute } {
  const route = compileText(change(POLICY), { fixtures: { 'desk.graphql': SCHEMA } }).routes.find(
    'POST',
    ['graphql'],
  )?.route
  if (route?.graphql === undefined) throw new Error('the route is a GraphQL endpoint')
  return { ...route, graphql: route.graphql }
}

/** The operation of a request body, or the reason for which it is refused. */
export function asked(
  { graphql }: { readonly graphql: GraphqlRoute },
  body: unknown,
  seesAll = false,
): Operation | string {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const request = readRequest(Buffer.from(text), graphql.limits)
  if (typeof request === 'string') return `graphql-${request}`
  return readOperation(request, graphql.rules, seesAll)
}
