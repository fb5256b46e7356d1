/** What becomes of personal data in texts of requests, and which policies on it are refused. */
import { test } from 'tap'
import type { BodyRules } from '../../../src/rules/request/body-rules.ts'
import { takeOut } from '../../../src/rules/request/inbound.ts'
import { readBody } from '../../../src/rules/request/read-body.ts'
import { checkFaults } from '../faults/table.ts'
import { compileText, PRELUDE } from '../policy-text.ts'

const CLASSES = `classes:
  contact.email: { mask: email, find: { allow: ["*@example.com"] } }
  contact.phone: { mask: { keepLast: 2 } }
  payment.card: { mask: suppress }
  secret.token: { mask: redact }
  id.own: { mask: redact }
  text.body: { mask: { scan: [payment.card] } }
roles: { agent: {} }
`
const ROUTES = `routes:
  - match: POST /x
    upstream: desk
    write: none
    body:
      types: [application/json, application/x-www-form-urlencoded]
      text: ["$.text", "$.list[*]"]
      plain: ["$.plain"]
      fields: { text.body: $.field }
      fixture: none
`
const INBOUND = 'inbound: { payment.card: redact, contact.email: mask, secret.token: refuse }\n'

function rulesOf(inbound = INBOUND): BodyRules {
  const { routeList } = compileText(PRELUDE + CLASSES + inbound + ROUTES)
  const rules = routeList[0]?.body
  if (rules === undefined) throw new Error('the route has a body')
  return rules
}

function taken(body: string, { type = 'application/json', rules = rulesOf() } = {}) {
  const read = readBody(Buffer.from(body), type, rules)
  if (read?.covered === undefined || rules.inbound === undefined) throw new Error('it is read')
  const { edits, changes, refused } = takeOut(read.covered, rules.inbound, rules.limits)
  const counts = Object.fromEntries(
    changes.map(({ class: name, action, count }) => [name, `${action} ${count}`]),
  )
  return { body: read.write(edits).toString(), counts, refused }
}

const CARD = '4111 1111 1111 1111'
const TOKEN = `ghp_${'a1B2'.repeat(9)}`

test('texts are changed as the policy says, and nothing else is', (t) => {
  const rows: readonly (readonly [sent: string, goes: string, counts: object])[] = [
    [`{ "text": "no\\u0020data" ,"n":1.0}`, `{ "text": "no\\u0020data" ,"n":1.0}`, {}],
    [`{"text":"a ${CARD}, b"}`, '{"text":"a [redacted], b"}', { 'payment.card': 'redact 1' }],
    [
      `{"plain":"${CARD}","text":"jane@mail.example.net or jane@example.com"}`,
      `{"plain":"${CARD}","text":"j***@mail.example.net or jane@example.com"}`,
      { 'contact.email': 'mask 1' },
    ],
    [
      `{"list":["${CARD}","x","<b>${CARD}</b>"],"field":{"any":["${CARD}"]}}`,
      '{"list":["[redacted]","x","<b>[redacted]</b>"],"field":{"any":["[redacted]"]}}',
      { 'payment.card': 'redact 3' },
    ],
    [
      `{"text":"[redacted] j***@mail.example.net"}`,
      `{"text":"[redacted] j***@mail.example.net"}`,
      {},
    ],
    [
      '{"field":[4111111111111111,12]}',
      '{"field":["[redacted]",12]}',
      { 'payment.card': 'redact 1' },
    ],
    [`{"text":7,"field":null,"list":[true]}`, `{"text":7,"field":null,"list":[true]}`, {}],
  ]
  for (const [sent, goes, counts] of rows) {
    t.same(taken(sent), { body: goes, counts, refused: [] }, sent)
  }
  t.same(
    taken(`text=${CARD.replaceAll(' ', '+')}&plain=1`, {
      type: 'application/x-www-form-urlencoded',
    }),
    {
      body: 'text=%5Bredacted%5D&plain=1',
      counts: { 'payment.card': 'redact 1' },
      refused: [],
    },
  )
  t.end()
})

test('a refusal names places, at most fifty', (t) => {
  const one = taken(`{"list":["x","${TOKEN}"],"text":"${CARD}"}`)
  t.same(one.refused, ["$['list'][1]"])
  t.same(one.counts, { 'payment.card': 'redact 1', 'secret.token': 'refuse 1' })
  const many = taken(JSON.stringify({ list: Array.from({ length: 60 }, () => TOKEN) }))
  t.equal(many.refused.length, 50)
  t.same(many.counts, { 'secret.token': 'refuse 60' })
  t.end()
})

test('where finds overlap the stricter action decides', (t) => {
  const inside = Buffer.from(`the card ${CARD} and jane@mail.example.net`).toString('base64')
  const body = `{"text":"${inside}"}`
  t.same(taken(body).body, '{"text":"[redacted]"}')
  const refusing = rulesOf('inbound: { payment.card: mask, contact.email: refuse }\n')
  t.same(taken(body, { rules: refusing }).refused, ["$['text']"])
  t.end()
})

test('a class that is removed from an answer is redacted in a text', (t) => {
  const rules = rulesOf('inbound: { payment.card: mask }\n')
  t.same(taken(`{"text":"${CARD}"}`, { rules }).body, '{"text":"[redacted]"}')
  t.end()
})

test('a body can say that it is not looked through', (t) => {
  const rules = ROUTES.replace('fixture', 'inbound: none\n      fixture')
  const others = ROUTES.replace('routes:\n', '').replace('/x', '/y')
  const { routeList } = compileText(PRELUDE + CLASSES + INBOUND + rules + others)
  t.equal(routeList[0]?.body?.inbound, undefined)
  t.not(routeList[1]?.body?.inbound, undefined)
  t.end()
})

test('policies whose `inbound` would not do what it says are refused', (t) => {
  const patching = ROUTES.replace(/types: .*/, 'types: [▸application/json-patch+json]').replace(
    'write: none',
    'write: { read: GET /x, returned: refuse, precondition: none }',
  )
  const read =
    '  - { match: GET /x, upstream: desk, fields: { text.body: $.field }, fixture: none }\n'
  checkFaults(t, [
    {
      name: 'an unknown class',
      policy: `${CLASSES}inbound: { payment.crad: ▸redact }\n${ROUTES}`,
      says: [/unknown class `payment.crad`/],
      hints: [/payment\.card/],
    },
    {
      name: 'a class that nothing finds, and one of texts',
      policy: `${CLASSES}inbound: { id.own: ▸redact, text.body: ▸refuse }\n${ROUTES}`,
      says: [/nothing finds `id.own`/, /is a class of texts itself/],
      hints: [/classes\.id\.own\.find/],
    },
    {
      name: 'no route with a text',
      policy: `${CLASSES}▸${INBOUND}routes: []\n`,
      says: [/no route takes text/],
      hints: [/body\.text/],
    },
    {
      name: 'a JSON Patch',
      policy: `${CLASSES}${INBOUND}${patching}${read}`,
      says: [/a patch does not say what is text/],
      hints: [/inbound: none/],
    },
    {
      name: 'nothing to turn off',
      policy: CLASSES + ROUTES.replace('fixture', '▸inbound: none\n      fixture'),
      says: [/looks for nothing/],
    },
    {
      name: 'nothing, and something else',
      policy: `${CLASSES}inbound: { payment.card: ▸hide }\n${ROUTES}`,
      says: [/redact|one of/],
    },
  ])
  t.end()
})
