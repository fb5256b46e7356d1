/** The ledger of locations: rule by rule, place by place, by operator, in the words of the policy and never in those of an answer. */
import { test } from 'tap'
import type { LocationExposure } from '../../../src/core/audit-facts.ts'
import { maskDocument } from '../../../src/json/program.ts'
import { compileText } from '../policy-text.ts'

const POLICY = (ledger: string) => `version: 1
upstreams: { desk: { url: "http://127.0.0.1:9" } }
identity:
  issuers:
    - { issuer: "http://127.0.0.1:9", audience: celosia, algorithms: [ES256], roles: "$.roles[*]" }
keys: { audit: { version: 1, env: CELOSIA_AUDIT_KEY } }
defaults: { unlisted: mask }
${ledger}
classes:
  person.name: { mask: initials }
  contact.email: { mask: email }
  payment.card: { mask: { keepLast: 4 } }
  text.note: { mask: suppress }
roles:
  agent: { show: [person.name] }
  lead: { show: [contact.email] }
  clerk: {}
anywhere: { contact.email: $..email }
routes:
  - match: GET /users
    upstream: desk
    dataSubjects: [{ kind: user, at: "$.users[*]", id: "@.id" }]
    fields:
      person.name: $.users[*].name
      payment.card: "$.users[*].fields[?@.name=='card'].value"
      text.note: $.users[*].secret
    plain: ["$.users[*].id"]
    fixture: none
`

const ANSWER = JSON.stringify({
  users: [
    {
      id: 1,
      name: 'Ada Lovelace',
      email: 'ada@example.com',
      fields: [
        { name: 'card', value: '4111111111111111' },
        { name: 'Jane Doe', value: 'x' },
      ],
      'jane@example.com': { email: 'jane@example.com' },
      secret: { email: 'hidden@example.com', more: 1 },
    },
    { id: 2, name: 'Alan Turing', email: null },
  ],
})

const LEDGER = 'audit: { ledger: locations }'
/** Objects in `email` and beside it, so many deep: each with places of its own. */
const nested = (depth: number): unknown =>
  depth === 0 ? 'x' : { email: nested(depth - 1), b: nested(depth - 1) }

function ledgerOf(roles: readonly string[], ledger: string, answer = ANSWER) {
  const policy = compileText(POLICY(ledger))
  const masking = policy.routeList[0]?.maskingFor(roles)
  if (masking === undefined) throw new Error('no route')
  const { bytes, exposures } = maskDocument(masking.program, Buffer.from(answer))
  return { report: masking.report(exposures), text: bytes.toString() }
}

const row = ({ at, operator, count }: LocationExposure) => `${at} ${operator} ${count}`

test('a ledger of locations names each rule with its operator and how often', (t) => {
  const { report } = ledgerOf(['agent'], 'audit: { ledger: locations }')
  t.same(report.locations?.map(row), [
    "$['users'][*]['name'] show 2",
    "$['users'][*]['fields'][*]['value'] keepLast(4) 1",
    "$['users'][*]['secret'] suppress 1",
    "$['users'][*]['email'] email(keep) 1",
    "$['users'][*][*]['email'] email(keep) 1",
    "$['users'][*]['fields'][*][*] mask 3",
  ])
  t.match(report.locations?.[0], { class: 'person.name', rule: 'routes.0.fields.person.name' })
  t.match(report.locations?.at(-2), { class: 'contact.email', rule: 'anywhere.contact.email' })
  t.match(report.locations?.at(-1), { class: undefined, rule: 'unlisted' })
  const other = ledgerOf(['clerk'], 'audit: { ledger: locations }').report
  t.equal(other.locations?.map(row)[0], "$['users'][*]['name'] initials 2")
  t.end()
})

test('nothing of an answer stands in it, and it changes nothing else', (t) => {
  const roles = ['agent']
  const counts = ledgerOf(roles, '')
  const { report, text } = ledgerOf(roles, 'audit: { ledger: locations }')
  t.equal(text, counts.text)
  t.notMatch(JSON.stringify(report.locations), /jane|ada|Doe|4111/i)
  t.equal(counts.report.locations, undefined)
  t.same({ ...report, locations: undefined }, { ...counts.report, locations: undefined })
  t.equal(ledgerOf(roles, 'audit: { ledger: counts }').report.locations, undefined)
  t.end()
})

test('what a more protective rule of another class took is told as such', (t) => {
  const text = POLICY('audit: { ledger: locations }').replace(
    'text.note: $.users[*].secret',
    'text.note: $.users[*].email',
  )
  const masking = compileText(text).routeList[0]?.maskingFor(['agent'])
  const { exposures } = maskDocument(
    masking?.program ?? (undefined as never),
    Buffer.from('{"users":[{"id":1,"email":"a@b.example"}]}'),
  )
  const rows = masking?.report(exposures).locations?.map(row)
  t.same(rows, ["$['users'][*]['email'] suppress 1", "$['users'][*]['email'] stricter 1"])
  t.end()
})

test('a place that is too deep, or one too many, is counted with the others of its rule', (t) => {
  const deep = (steps: number) =>
    `${'{"x":'.repeat(steps - 1)}{"email":"a@b.example"}${'}'.repeat(steps - 1)}`
  const at = (steps: number) => ledgerOf(['agent'], LEDGER, deep(steps)).report.locations?.map(row)
  t.same(at(32), [`$${'[*]'.repeat(31)}['email'] email(keep) 1`])
  t.same(at(33), ['(others) email(keep) 1'])
  t.end()
})

test('an answer with more places than are told leaves room for later ones', (t) => {
  const route = compileText(POLICY(LEDGER)).routeList[0]
  const run = (answer: string) => {
    const masking = route?.maskingFor(['lead'])
    if (masking === undefined) throw new Error('no route')
    const { exposures } = maskDocument(masking.program, Buffer.from(answer))
    return { masking, locations: masking.report(exposures).locations ?? [] }
  }
  const many = run(JSON.stringify({ users: nested(11) }))
  t.ok(many.masking.isWorn())
  const others = many.locations.filter((one) => one.at === '(others)')
  t.same([...new Set(others.map(({ rule }) => rule))].toSorted(), [
    'anywhere.contact.email',
    'unlisted',
  ])
  const told = many.locations.reduce((sum, { count }) => sum + count, 0)
  t.equal(told, 2 ** 11, 'every location is counted once')
  // Not at once: compiling takes long, and such an answer may come again.
  for (let uses = 1; uses < 1_000; uses += 1)
    if (route?.maskingFor(['lead']) !== many.masking) t.fail('it is kept for a while')
  const next = run(ANSWER)
  t.not(next.masking, many.masking)
  t.notOk(next.masking.isWorn())
  t.same(next.locations.map(row), ledgerOf(['lead'], LEDGER).report.locations?.map(row))
  t.equal(run(ANSWER).masking, next.masking, 'what is not worn is kept')
  t.end()
})
