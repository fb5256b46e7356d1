/**
 * Section F of the threat model: searching, sorting, counting and selecting by what a role may not see. What a role sees not, it
 * may ask for by one whole value where the route says so; each refusal is the same, byte for byte.
 */
import { test } from 'tap'
import type { Test } from 'tap'
import type { PolicyDocument, RouteDocument } from '../../src/rules/policy/document.ts'
import { jsonAnswer, statusAnswer } from '../helpers/upstream-answers.ts'
import { startWorld, type World } from '../helpers/world.ts'
import {
  assertRefusalsCounted,
  createTally,
  rawRequest,
  runAttacks,
  summarize,
  type Attack,
  type Outcome,
} from './attack-table.ts'

const upstream = 'helpdesk'
const FOUND = jsonAnswer('{"count":1}')
const plain = ['$["count"]']
const FIELDS = {
  email: 'contact.email',
  phone: 'contact.phone',
  card: 'payment.card',
  name: 'person.name',
  type: ['user', 'ticket'],
  status: 'plain',
}
const EXACT = { 'contact.email': 'email', 'contact.phone': 'phone' } as const

const ROUTES: readonly RouteDocument[] = [
  {
    match: 'GET /api/v2/search',
    upstream,
    query: { page: 'integer' },
    search: [
      { parameter: 'query', grammar: 'zendesk', fields: FIELDS, exact: EXACT },
      {
        parameter: 'sort_by',
        grammar: 'names',
        fields: { created_at: 'plain', email: 'contact.email', name: 'person.name' },
      },
    ],
    plain,
    fixture: 'none',
  },
  {
    match: 'GET /api/v2/search/count',
    upstream,
    search: [{ parameter: 'query', grammar: 'zendesk', fields: FIELDS }],
    plain,
    fixture: 'none',
  },
  {
    match: 'GET /api/v2/users/search',
    upstream,
    search: [
      {
        parameter: 'email',
        grammar: 'value',
        class: 'contact.email',
        exact: { 'contact.email': 'email' },
      },
      { parameter: '$filter', grammar: 'odata', fields: FIELDS, exact: EXACT },
      { parameter: '$select', grammar: 'names', fields: { id: 'plain', email: 'contact.email' } },
    ],
    plain,
    fixture: 'none',
  },
  {
    match: 'GET /REST/2.0/user/{login}',
    upstream,
    search: [
      {
        path: 'login',
        grammar: 'value',
        class: 'contact.email',
        exact: { 'contact.email': 'token' },
      },
    ],
    plain,
    fixture: 'none',
  },
  {
    match: 'POST /REST/2.0/tickets',
    upstream,
    effect: 'read',
    body: {
      types: ['application/json', 'application/x-www-form-urlencoded'],
      plain: ['$.page'],
      fixture: 'none',
    },
    search: [{ body: '$.query', grammar: 'ticketsql', fields: FIELDS, exact: EXACT }],
    plain,
    fixture: 'none',
  },
  {
    match: 'POST /REST/2.0/users',
    upstream,
    effect: 'read',
    body: { types: ['application/json'] },
    search: [{ body: '$', grammar: 'rt-json', fields: FIELDS, exact: EXACT }],
    plain,
    fixture: 'none',
  },
]

function searchingPolicy(shipped: PolicyDocument): PolicyDocument {
  return {
    ...shipped,
    routes: [
      ...ROUTES,
      ...shipped.routes.filter(({ match }) => !ROUTES.some((route) => route.match === match)),
    ],
    detect: [
      {
        name: 'searches by address and number',
        classes: ['contact.*'],
        count: { distinct: 'searchTerm', over: 400, within: '1h' },
        // oxlint-disable-next-line unicorn/no-thenable -- a word of the policy language
        then: ['flag', 'block'],
      },
    ],
  }
}

test('section F: search without sight', async (t) => {
  const world = await startWorld(t, { change: searchingPolicy })
  const agent = `Authorization: Bearer ${await world.token()}`
  const lead = `Authorization: Bearer ${await world.token({ roles: ['lead'], subject: 'lead-1' })}`
  const rows = [
    ...parameterRows(world, agent),
    ...bodyRows(world, agent),
    ...leadRows(world, lead),
    ...sameRows(agent),
  ]
  const tally = await runAttacks(t, world, rows, createTally())
  await sameBytes(t, world, agent)
  await writtenNowhere(t, world)
  await assertRefusalsCounted(t, world, tally)
  summarize(t, tally)
})

test('F65: distinct terms are counted before anything is found, and block', async (t) => {
  const world = await startWorld(t, {
    change: (shipped) => {
      const policy = searchingPolicy(shipped)
      const [rule] = policy.detect ?? []
      return rule === undefined
        ? policy
        : { ...policy, detect: [{ ...rule, count: { ...rule.count, over: 3 } }] }
    },
  })
  const agent = `Authorization: Bearer ${await world.token()}`
  const other = `Authorization: Bearer ${await world.token({ subject: 'agent-2' })}`
  const search = (who: string, query: string, expect: Outcome, more: object = {}): Attack => ({
    id: 'F65',
    name: `${who === agent ? 'one' : 'another'}: ${query} ${Object.keys(more).join()}`,
    send: ask(who, `/api/v2/search?query=${encodeURIComponent(query)}`),
    answer: statusAnswer(404),
    expect: [expect],
    ...more,
  })
  const none: Outcome = { reason: 'upstream-error', status: 404 }
  const rows = [
    search(agent, 'email:a@x.example', none),
    search(agent, 'email:A@X.example', none),
    search(agent, 'status:open email:b@x.example', none),
    search(agent, 'email:c@x.example status:open', none),
    search(agent, 'status:open', none),
    search(agent, 'email:d@x.example', 'lookups-exceeded'),
    search(agent, 'phone:0612345678', 'lookups-exceeded'),
    search(agent, 'email:a@x.example status:new', 'lookups-exceeded'),
    search(agent, 'status:closed', none),
    search(other, 'email:d@x.example', none),
  ].map((row) => ({ ...row, name: row.name.trim() }))
  await runAttacks(t, world, rows)
  const findings = (await world.gateway.records()).filter((event) => event['class_uid'] === 2004)
  t.equal(findings.length, 1, 'one finding')
  const own = findings[0]?.['unmapped'] as { celosia: Record<string, unknown> } | undefined
  t.match(own?.celosia, { counted: 'searchTerm', observed: 4, over: 3, actions: ['flag', 'block'] })
})

function ask(who: string, target: string): Buffer {
  return rawRequest(`GET ${target} HTTP/1.1`, ['Host: a', who])
}

function post(who: string, target: string, body: string, type = 'application/json'): Buffer {
  const bytes = Buffer.from(body)
  return Buffer.concat([
    rawRequest(`POST ${target} HTTP/1.1`, [
      'Host: a',
      who,
      `Content-Type: ${type}`,
      `Content-Length: ${bytes.length}`,
    ]),
    bytes,
  ])
}

/** The record names classes and pseudonyms. */
function recorded({ gateway }: World, classes: readonly string[]): NonNullable<Attack['check']> {
  return async (t) => {
    const record = (await gateway.records()).at(-1)
    const own = record?.['unmapped'] as { celosia: Record<string, unknown> } | undefined
    const terms = (own?.celosia['search_terms'] ?? []) as { class: string; pseudonym: string }[]
    t.same(
      terms.map((term) => term.class),
      classes,
    )
    for (const { pseudonym } of terms) t.match(pseudonym, /^v1:[\w-]{22}$/)
  }
}

/** K119: what was searched by stands in no record, log line or metric. */
async function writtenNowhere(t: Test, { gateway }: World): Promise<void> {
  const records = JSON.stringify(await gateway.records())
  const written = (records + gateway.logs() + (await gateway.metrics())).toLowerCase()
  for (const text of [
    'jane@',
    'jane-doe',
    'ali@x',
    'a@x.example',
    '0612345678',
    '411111111',
    'startswith',
    'j*',
    'j%',
  ]) {
    t.notOk(written.includes(text), `"${text}" is written nowhere`)
  }
}

function parameterRows(world: World, agent: string): Attack[] {
  const search = '/api/v2/search?query='
  const users = '/api/v2/users/search?'
  const permitted: readonly (readonly [target: string, upstream: string, classes: string[]])[] = [
    [`${search}status:open`, `${search}status%3Aopen`, []],
    [
      `${search}type:user+email:jane@x.example`,
      `${search}type%3Auser%20email%3Ajane%40x.example`,
      ['contact.email'],
    ],
    [
      `${search}++email:%22jane@x.example%22++`,
      `${search}email%3A%22jane%40x.example%22`,
      ['contact.email'],
    ],
    [
      `${search}name:J*&sort_by=created_at&page=2`,
      '/api/v2/search?page=2&query=name%3AJ*&sort_by=created_at',
      ['person.name'],
    ],
    ['/REST/2.0/user/jane-doe', '/REST/2.0/user/jane-doe', ['contact.email']],
    [`${users}email=jane@x.example`, `${users}email=jane%40x.example`, ['contact.email']],
    [
      `${users}$filter=phone%20eq%20'0612345678'&$select=id`,
      `${users}%24filter=phone%20eq%20'0612345678'&%24select=id`,
      ['contact.phone'],
    ],
  ]
  const refused: readonly (readonly [id: string, target: string])[] = [
    ['F65', `${search}email:jane`],
    ['F65', `${search}email:j*`],
    ['F65', `${search}-email:jane@x.example`],
    ['F65', `${search}email:jane@x.example+email:ali@x.example`],
    ['F65', `${search}email:jane@x.example+OR+status:open`],
    ['F65', `${search}phone:0612*`],
    ['F65', `${search}card:4111111111111111`],
    ['F65', `${search}jane@x.example`],
    ['F65', `${search}notes:x`],
    ['F65', `${search}%22`],
    ['F65', search],
    ['F65', `${search}type:email`],
    ['F65', `${users}email=j*`],
    ['F65', `${users}email=`],
    ['F65', `${users}email=a@x.example,b@x.example`],
    ['F65', `${users}$filter=startswith(email,'a')`],
    ['F65', `${users}$filter=email%20eq%20'a@x.example'%20or%20true%20eq%20true`],
    ['F66', `${search}status:open&sort_by=email`],
    ['F66', `${search}status:open&sort_by=-email`],
    ['F66', `${search}status:open&sort_by=secret`],
    ['F66', `${search}status:open+order_by:email`],
    ['F68', `${users}$select=id,email`],
    ['F68', `${users}$select=email%20as%20x`],
    ['F68', `${users}$select=mail:email`],
    ['F65', '/REST/2.0/user/jane'],
    ['F65', '/REST/2.0/user/jane__'],
    ['F70', '/api/v2/search/count?query=email:jane@x.example'],
    ['F70', '/api/v2/search/count?query=card:4111111111111111'],
  ]
  return [
    ...permitted.map(([target, seen, classes]): Attack => ({
      id: 'F65',
      name: `an agent asks ${target}`,
      send: ask(agent, target),
      answer: FOUND,
      expect: ['permit'],
      check: async (t, exchange) => {
        t.equal(world.upstream.requests[0]?.target, seen, 'one spelling goes on')
        await recorded(world, classes)(t, exchange)
      },
    })),
    ...refused.map(([id, target]): Attack => ({
      id,
      name: `an agent asks ${target}`,
      send: ask(agent, target),
      expect: ['search-forbidden'],
      check: recorded(world, []),
    })),
    ...[`${search}a&query=b`, `${search}${'a'.repeat(2_001)}`, `${users}$orderby=email`].map(
      (target): Attack => ({
        id: 'F65',
        name: `an agent asks ${target.slice(0, 60)}`,
        send: ask(agent, target),
        expect: ['parameter-undeclared'],
      }),
    ),
    {
      id: 'F65',
      name: 'HEAD asks no more than GET may',
      send: rawRequest(`HEAD ${search}email:j* HTTP/1.1`, ['Host: a', agent]),
      expect: ['search-forbidden'],
    },
  ]
}

function bodyRows(world: World, agent: string): Attack[] {
  const tickets = '/REST/2.0/tickets'
  const users = '/REST/2.0/users'
  const form = 'application/x-www-form-urlencoded'
  const seen =
    (body: string, classes: readonly string[]): NonNullable<Attack['check']> =>
    async (t, exchange) => {
      t.equal(world.upstream.requests[0]?.body.toString(), body, 'one spelling goes on')
      await recorded(world, classes)(t, exchange)
    }
  const mail = { field: 'email', operator: '=', value: 'jane@x.example' }
  const refused: readonly (readonly [target: string, body: string, type?: string])[] = [
    [tickets, JSON.stringify({ query: "email LIKE 'j%'" })],
    [tickets, JSON.stringify({ query: "email = 'jane@x.example' OR status = 'open'" })],
    [tickets, JSON.stringify({ query: ["email = 'jane@x.example'"] })],
    [tickets, JSON.stringify({ query: null })],
    [tickets, '{"query":"em\\u0061il LIKE \'j%\'"}'],
    [tickets, "query=email+LIKE+'j%25'", form],
    [users, JSON.stringify([{ ...mail, operator: 'LIKE' }])],
    [users, JSON.stringify([mail, mail])],
    [users, JSON.stringify([{ ...mail, function: 'LENGTH(?)' }])],
    [users, '{}'],
  ]
  return [
    {
      id: 'F65',
      name: 'a search in JSON',
      send: post(
        agent,
        tickets,
        '{ "query": "status=\'open\' and email=\'jane@x.example\'", "page":1 }',
      ),
      answer: FOUND,
      expect: ['permit'],
      check: seen('{ "query": "status = \'open\' AND email = \'jane@x.example\'", "page":1 }', [
        'contact.email',
      ]),
    },
    {
      id: 'F65',
      name: 'a search in a form',
      send: post(agent, tickets, "page=1&query=email='jane@x.example'", form),
      answer: FOUND,
      expect: ['permit'],
      check: seen("page=1&query=email%20%3D%20'jane%40x.example'", ['contact.email']),
    },
    {
      id: 'F65',
      name: 'a search by conditions',
      send: post(agent, users, JSON.stringify([mail])),
      answer: FOUND,
      expect: ['permit'],
      check: seen(JSON.stringify([mail]), ['contact.email']),
    },
    ...refused.map(([target, body, type]): Attack => ({
      id: 'F65',
      name: `an agent posts ${body}`,
      send: post(agent, target, body, type),
      expect: ['search-forbidden'],
    })),
    {
      id: 'F65',
      name: 'a search twice in one body',
      send: post(agent, tickets, '{"query":"status = 1","query":"email LIKE 1"}'),
      expect: ['body-malformed'],
    },
    {
      id: 'F65',
      name: 'a search under another name',
      send: post(agent, tickets, '{"Query":"email LIKE 1"}'),
      expect: ['member-undeclared'],
    },
  ]
}

/** Who sees a class asks as the language allows; what is not named stays shut. */
function leadRows(world: World, lead: string): Attack[] {
  const search = '/api/v2/search?query='
  return [
    {
      id: 'F65',
      name: 'a lead asks by a part of an address',
      send: ask(lead, `${search}email:j*+-phone:0612345678&sort_by=email`),
      answer: FOUND,
      expect: ['permit'],
      check: recorded(world, ['contact.email', 'contact.phone', 'contact.email']),
    },
    {
      id: 'F65',
      name: 'a lead counts',
      send: ask(lead, '/api/v2/search/count?query=email:j*'),
      answer: FOUND,
      expect: ['permit'],
    },
    ...['card:4111111111111111', 'notes:x', 'a(b'].map((query): Attack => ({
      id: 'F65',
      name: `a lead asks ${query}`,
      send: ask(lead, search + query),
      expect: ['search-forbidden'],
    })),
  ]
}

/** F70: one refusal, whatever it is about. */
const SAME = [
  'card:4111111111111111',
  'card:4111',
  'email:j*',
  'secret:x',
  '"',
  'status:"',
] as const

function sameRows(agent: string): Attack[] {
  return SAME.map((query) => ({
    id: 'F70',
    name: `the same refusal for ${query}`,
    send: ask(agent, `/api/v2/search?query=${encodeURIComponent(query)}`),
    expect: ['search-forbidden'],
  }))
}

async function sameBytes(t: Test, world: World, agent: string): Promise<void> {
  const bodies = new Set<string>()
  for (const query of SAME) {
    const target = `/api/v2/search?query=${encodeURIComponent(query)}`
    const token = agent.split(' ')[2] ?? ''
    const answer = await fetch(`${world.gateway.url}${target}`, {
      headers: { authorization: `Bearer ${token}` },
    })
    const id = answer.headers.get('celosia-request-id') ?? ''
    bodies.add(`${answer.status} ${(await answer.text()).replaceAll(id, '')}`)
  }
  t.equal(bodies.size, 1, 'byte for byte, but for the id of the request')
}
