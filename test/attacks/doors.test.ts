/**
 * Sections F, G, H and I of the threat model, as far as they are about who asks and for what: every other door is shut.
 * Controls that do not exist yet are due; that nothing passes meanwhile is run.
 */
import { test } from 'tap'
import { headerValues } from '../helpers/http-message.ts'
import { startWorld, type World } from '../helpers/world.ts'
import {
  assertRefusalsCounted,
  createTally,
  get,
  rawRequest,
  runAttacks,
  summarize,
  type Attack,
} from './attack-table.ts'
import { FILES, graphqlRows, withGraphql } from './graphql-rows.ts'
import { bearer, roleRows, tokenRows, USER } from './token-rows.ts'

test('sections F to I: only what is listed, only for whom it is listed', async (t) => {
  const world = await startWorld(t)
  const token = await world.token()
  const rows = [
    ...searchRows(token),
    ...doorRows(token),
    ...writeRows(token),
    ...credentialRows(world, token),
    ...(await tokenRows(world, token)),
    ...(await roleRows(world)),
    ...(await cacheRows(world)),
    ...due(),
  ]
  const tally = await runAttacks(t, world, rows, createTally())
  await assertRefusalsCounted(t, world, tally)
  summarize(t, tally)
})

test('section F: GraphQL by the schema of the endpoint', async (t) => {
  const world = await startWorld(t, { change: withGraphql, files: FILES })
  const rows = graphqlRows(world, await world.token())
  summarize(t, await runAttacks(t, world, rows, createTally()))
})

/** Section F: routes that are not listed, and parameters that listed ones do not take. What searches take is in searches.test.ts. */
function searchRows(token: string): Attack[] {
  const unlisted: readonly (readonly [id: string, target: string, due?: string])[] = [
    ['F65', '/api/v2/search?query=email:jane@x.example'],
    ['F66', '/api/v2/search?sort_by=email'],
    ['F70', '/api/v2/search/count?query=email:c'],
    ['F72', '/graphql?query={users{x:email}}'],
    ['F72', '/api/graphql'],
    ['F74', '/api/v2/users/show_many?ids=1,2,3'],
    ['F74', '/batch'],
    ['G84', '/api/v2/webhooks'],
    ['G84', '/api/v2/exports'],
    ['I106', '/health'],
    ['I106', '/healthz'],
    ['I106', '/livez'],
    ['I106', '/readyz'],
    ['I106', '/metrics'],
    ['I106', '/documentation'],
    ['I106', '/debug/pprof'],
    ['I106', '/.well-known/openid-configuration'],
    ['I106', '/favicon.ico'],
    ['M132', '/admin'],
  ]
  const undeclared = [
    '/api/v2/users?filter[email][startswith]=a',
    "/api/v2/users?$filter=startswith(email,'a')",
    '/api/v2/users?query=email:jane',
    '/api/v2/users?$orderby=phone',
    '/api/v2/users?cursor=ZW1haWw',
    '/api/v2/users?fields=mail:email',
    '/api/v2/users?$select=email+as+x',
    '/api/v2/users?include=identities',
    '/api/v2/users?$expand=Contact',
    '/api/v2/users?fields[users]=email',
    '/api/v2/users?_embedded=all',
    `${USER}?api_key=x`,
    `${USER}?access_token=${token.slice(0, 40)}`,
  ]
  return [
    ...unlisted.map(([id, target, control]): Attack => ({
      id,
      name: target,
      send: get(encodeURI(target).replaceAll('%7B', '%7b'), bearer(token)),
      expect: ['route-unlisted'],
      ...(control !== undefined && { due: control }),
    })),
    ...['phone:0612*', 'email:jane', '-email:jane@x.example', 'card_on_file:4111'].map(
      (query): Attack => ({
        id: 'F65',
        name: `/api/v2/users/search?query=${query}`,
        send: get(`/api/v2/users/search?query=${query}`, bearer(token)),
        expect: ['search-forbidden'],
      }),
    ),
    ...undeclared.map((target): Attack => ({
      id: 'F68',
      name: target.replace(/token=.*/, 'token=...'),
      send: get(target, bearer(token)),
      expect: ['parameter-undeclared'],
    })),
  ]
}

/** F78: the other doors to a record in the helpdesk that the shipped policy is written for. Those that are listed are not here. */
const DOORS = [
  'activities',
  'any_channel/push_results',
  'attachments/7',
  'audit_logs',
  'autocomplete/tags?name=a',
  'automations/7',
  'bookmarks',
  'brands/7',
  'calls',
  'channels/voice/call_logs',
  'channels/voice/tickets',
  'chat/transcripts',
  'community/posts/7',
  'custom_objects/contact/records',
  'deleted_tickets',
  'deleted_users',
  'dynamic_content/items',
  'group_memberships',
  'groups/7/users',
  'help_center/users/7/user_segments',
  'incremental/ticket_events?start_time=0',
  'incremental/tickets?start_time=0',
  'incremental/tickets/cursor?start_time=0',
  'incremental/users?start_time=0',
  'job_statuses',
  'macros/7/apply',
  'oauth/tokens',
  'organization_memberships',
  'organizations',
  'organizations/7/tickets',
  'organizations/7/users',
  'organizations/autocomplete?name=a',
  'problems',
  'recipient_addresses',
  'requests',
  'requests/9',
  'requests/9/comments',
  'satisfaction_ratings',
  'search',
  'search/export?query=a&filter[type]=user',
  'sessions',
  'side_conversations/7',
  'suspended_tickets',
  'targets',
  'ticket_audits',
  'ticket_metrics',
  'tickets/9/audits',
  'tickets/9/audits/3',
  'tickets/9/collaborators',
  'tickets/9/comments/3/attachments/7',
  'tickets/9/email_ccs',
  'tickets/9/followers',
  'tickets/9/incidents',
  'tickets/9/metrics',
  'tickets/9/related',
  'tickets/9/side_conversations',
  'tickets/recent',
  'tickets/show_many?ids=9,10',
  'triggers/7',
  'users/7/compliance_deletion_statuses',
  'users/7/entitlements',
  'users/7/groups',
  'users/7/identities/3',
  'users/7/organizations',
  'users/7/related',
  'users/7/requests',
  'users/7/sessions',
  'users/7/skips',
  'users/7/subscriptions',
  'users/7/tickets/ccd',
  'users/7/tickets/requested',
  'users/autocomplete?name=a',
  'users/count',
  'users/me',
  'users/me/session',
  'users/show_many?ids=7',
  'views/7/execute',
  'views/7/tickets',
] as const

/** Each is denied, whoever asks; and no answer of the helpdesk is needed to say so. */
function doorRows(token: string): Attack[] {
  return DOORS.map((door) => ({
    id: 'F78',
    name: `/api/v2/${door}`,
    send: get(`/api/v2/${door}`, bearer(token)),
    expect: ['route-unlisted'],
  }))
}

/** Section H: what is not listed cannot be written. What listed routes take is in bodies.test.ts and writes.test.ts. */
function writeRows(token: string): Attack[] {
  const json = 'Content-Type: application/json'
  const writes: readonly (readonly [id: string, method: string, target: string, body: string])[] = [
    ['H86', 'PATCH', USER, '{"email":"j***@x.example"}'],
    ['H87', 'PUT', '/api/v2/organizations/9', '{"organization":{"tags":[]}}'],
    ['H88', 'POST', '/api/v2/tickets/9/comments', '{"body":"{{ticket.requester.email}}"}'],
    ['H88', 'POST', '/api/v2/macros/1/apply', '{}'],
    ['H90', 'PUT', '/api/v2/users/me', '{"role":"admin"}'],
    ['H91', 'POST', '/api/v2/imports', 'email\nx@y.example\n'],
    ['H93', 'DELETE', USER, ''],
    ['F72', 'POST', '/graphql', '{"query":"{users{x:email}}"}'],
    ['F74', 'POST', '/batch', '{"requests":[{"path":"/users/1"}]}'],
    ['F65', 'POST', '/api/v2/search', '{"query":"email:jane"}'],
    ['I94', 'POST', USER, 'access_token=x'],
  ]
  return writes.map(([id, method, target, body]) => ({
    id,
    name: `${method} ${target}`,
    send: rawRequest(
      `${method} ${target} HTTP/1.1`,
      ['Host: a', bearer(token), json, `Content-Length: ${body.length}`],
      body,
    ),
    expect: ['route-unlisted'],
  }))
}

/** I94, I104: one bearer token in one header, and nothing else is a credential or goes upstream. */
function credentialRows(world: World, token: string): Attack[] {
  const missing: Readonly<Record<string, readonly string[]>> = {
    'no token': [],
    'an empty header': ['Authorization:'],
    'the scheme alone': ['Authorization: Bearer'],
    Basic: ['Authorization: Basic YWdlbnQ6c2VjcmV0'],
    Digest: ['Authorization: Digest username="agent"'],
    Negotiate: ['Authorization: Negotiate YII='],
    'another scheme around the token': [`Authorization: Token ${token}`],
    'no scheme': [`Authorization: ${token}`],
    'two tokens': [`Authorization: Bearer ${token} ${token}`],
    'two tokens in a list': [`Authorization: Bearer ${token}, Bearer ${token}`],
    'a tab for the space': [`Authorization: Bearer\t${token}`],
    'two spaces': [`Authorization: Bearer  ${token}`],
    'a cookie': [`Cookie: access_token=${token}`],
    'another header': [`X-Access-Token: ${token}`, `X-Authorization: Bearer ${token}`],
    'the header of a proxy': [`Proxy-Authorization: Bearer ${token}`],
    'the header of an identity proxy': [
      'X-Forwarded-User: admin',
      'X-Remote-User: admin',
      'X-Roles: lead',
    ],
    'a name with an underscore': [`Authorization_: Bearer ${token}`],
  }
  const beside = [
    'X-Api-Key: caller-key',
    'Cookie: session=caller-session',
    'Proxy-Authorization: Basic Y2FsbGVy',
  ]
  return [
    ...Object.entries(missing).map(([name, lines]): Attack => ({
      id: 'I94',
      name,
      send: get(USER, ...lines),
      expect: ['token-missing'],
      closed: true,
    })),
    {
      id: 'I94',
      name: 'the scheme in other case',
      send: get(USER, `Authorization: bEARER ${token}`),
      expect: ['permit'],
    },
    {
      id: 'I104',
      name: 'credentials of the caller beside the token',
      send: get(USER, bearer(token), ...beside),
      expect: ['permit'],
      check: (t) => {
        const [connection] = world.upstream.connections()
        const bytes = connection?.bytes.toString('latin1') ?? ''
        t.notMatch(bytes, /caller|session|Y2FsbGVy/i, 'none of them stands upstream')
        t.notOk(bytes.includes(token), 'nor does the token')
        t.same(headerValues(world.upstream.requests[0]?.headers ?? [], 'authorization'), [
          `Bearer ${world.gateway.upstreamToken}`,
        ])
      },
    },
  ]
}

/** G81: an answer is made for one role and kept for none. */
async function cacheRows({ token, canaries }: World): Promise<Attack[]> {
  const agent = await token()
  const lead = await token({ roles: ['lead'], subject: 'lead-1' })
  const email = canaries.make('email', 'user.email')
  const ofLead = [email, canaries.make('phone', 'user.phone'), canaries.make('name', 'user.name')]
  const validators = [
    'If-None-Match: "x"',
    'If-Modified-Since: Mon, 01 Jan 2035 00:00:00 GMT',
    'Cache-Control: max-age=600, only-if-cached',
  ]
  return Array.from({ length: 6 }, (_, round): Attack => {
    const asLead = round % 2 === 0
    return {
      id: 'G81',
      name: `round ${round}: ${asLead ? 'a lead' : 'an agent'} asks for the same record`,
      send: get(USER, bearer(asLead ? lead : agent), ...validators),
      expect: ['permit'],
      ...(asLead && { allowed: ofLead }),
      check: (t, { body, headers }) => {
        t.equal(body.toString().includes(email), asLead, 'the address is for leads only')
        t.same(headerValues(headers, 'cache-control'), ['no-store'])
        t.same(headerValues(headers, 'vary'), ['Authorization, Celosia-Reveal'])
      },
    }
  })
}

function due(): Attack[] {
  const controls = [['H93', 'a write against a job that redacts', 'tombstones']] as const
  return controls.map(([id, name, control]) => ({ id, name, due: control }))
}
