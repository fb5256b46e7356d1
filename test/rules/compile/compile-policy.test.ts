/** What a compiled policy says of itself, and the programs that it keeps. */
import { test } from 'tap'
import { maskDocument } from '../../../src/json/program.ts'
import { compileText, PRELUDE } from '../policy-text.ts'

const ROLES = Array.from({ length: 300 }, (_, index) => `role${index}`)
const TEXT = `${PRELUDE}classes:
  contact.email: { mask: email }
  contact.phone: { mask: redact }
  payment.card: { mask: redact }
roles: { agent: {}, lead: { show: ["contact.*"] }, ${ROLES.map((role) => `${role}: {}`).join(', ')} }
anywhere: { contact.phone: $..phone }
routes:
  - match: GET /users/{id:integer}
    upstream: desk
    query: { page: integer, include: [identities, 7, true] }
    roles: [agent, lead]
    dataSubjects: [{ kind: user, at: $.user, id: "@.id", request: path.id }]
    fields: { contact.email: $.email }
    fixture: none
detect:
  - { name: cards, classes: ["payment.*", contact.email], count: { distinct: dataSubject, over: 20, within: 10m }, then: [flag, block] }
`

test('what is not said has its default', (t) => {
  const policy = compileText(TEXT)
  t.match(policy, { tenant: 'default', audit: { durability: 'strict' }, markHeader: true })
  t.match(policy.limits, { bodyBytesMax: 1_048_576, heldBytesAllMax: 268_435_456 })
  t.match(policy.upstreams.get('desk'), {
    origin: 'http://127.0.0.1:9',
    pathPrefix: '',
    connectTimeoutMs: 5_000,
    answerTimeoutMs: 30_000,
    headers: {},
  })
  t.match(policy.issuers, [
    { audience: 'celosia', algorithms: ['ES256'], keys: { kind: 'discovery' } },
  ])
  const said = compileText(
    `${TEXT}tenant: acme\naudit: { durability: relaxed }\nmarks: { header: false }\nlimits: { bodyBytesMax: 2048 }\n`,
  )
  t.match(said, { tenant: 'acme', audit: { durability: 'relaxed' }, markHeader: false })
  t.equal(said.limits.bodyBytesMax, 2_048)
  t.not(said.sha256, policy.sha256, 'another text, another hash')
  t.end()
})

test('routes and look-up rules are resolved', (t) => {
  const policy = compileText(TEXT)
  const found = policy.routes.find('GET', ['users', '7'])
  t.same([...(found?.parameters ?? [])], [['id', '7']])
  const route = found?.route
  t.same([...(route?.classes ?? [])].toSorted(), ['contact.email', 'contact.phone'])
  t.same([...(route?.roles ?? [])], ['agent', 'lead'])
  t.match(route?.dataSubjects, [{ kind: 'user', pathParameter: 'id' }])
  const query = route?.query === 'any' ? undefined : route?.query
  t.same(query?.get('page'), { kind: 'type', type: 'integer' })
  t.same(query?.get('include'), {
    kind: 'values',
    values: new Set(['identities', '7', 'true']),
  })
  t.match(policy.lookups, [
    { name: 'cards', over: 20, withinMs: 600_000, actions: ['flag', 'block'] },
  ])
  t.same([...(policy.lookups[0]?.classes ?? [])].toSorted(), ['contact.email', 'payment.card'])
  t.end()
})

test('programs are kept for each set of roles, and only so many', (t) => {
  const route = compileText(TEXT).routes.find('GET', ['users', '7'])?.route
  if (route === undefined) return t.fail('the route is there')
  const agent = route.maskingFor(['agent'])
  t.equal(route.maskingFor(['agent']), agent, 'the same program')
  t.not(route.maskingFor(['agent', 'lead']), agent)
  for (const role of ROLES) route.maskingFor([role])
  const again = route.maskingFor(['agent'])
  t.not(again, agent, 'it was let go for others')
  const mask = (masking: typeof agent) =>
    maskDocument(masking.program, Buffer.from('{"email":"jane@example.com"}')).bytes.toString()
  t.equal(mask(again), mask(agent), 'and means the same')
  t.equal(mask(route.maskingFor(['lead'])), '{"email":"jane@example.com"}')
  return t.end()
})
