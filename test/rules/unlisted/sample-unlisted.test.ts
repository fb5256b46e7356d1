/** What a sample tells of an answer: where which class was found that no line names, and never a value or a name of the data. */
import fc from 'fast-check'
import { test } from 'tap'
import { FINDS_MAX, SAMPLED_UNITS_MAX } from '../../../src/rules/unlisted/sample-unlisted.ts'
import { compileText, faultsOf, PRELUDE } from '../policy-text.ts'

const CARD = '4111 1111 1111 1111'
const policyOf = (route: string, sample = 'audit: { sampleUnlisted: { oneIn: 1 } }') => `${PRELUDE}
classes:
  contact.email: { mask: redact }
  payment.card: { mask: redact }
  id.account: { mask: redact }
roles: { agent: { show: [contact.email] } }
anywhere: { contact.email: $..email }
routes:
  - match: GET /users/{id:integer}
    upstream: desk
    ${route}
${sample}
`
const FIXTURE = JSON.stringify({
  id: 1,
  users: [{ nick: 'x', list: ['y'] }],
  account: { secret: 'z' },
  plain: 'p',
  byPhone: { 'x@y.example': 1 },
})
const ROUTE =
  'unlisted: show\n    fields: { id.account: $.account }\n    plain: [$.plain]\n    fixture: a.json'

function sampleOf(answer: unknown, route = ROUTE, fixture = FIXTURE) {
  const { routeList } = compileText(policyOf(route), { fixtures: { 'a.json': fixture } })
  return routeList[0]?.unlistedSample?.sample(Buffer.from(JSON.stringify(answer)))
}

test('what no line names is told by its place and class, with how much of the string it is', (t) => {
  t.same(
    sampleOf({
      email: 'a@x.example',
      account: { secret: 'b@x.example', deep: [CARD] },
      plain: CARD,
      users: [
        { nick: 'c@x.example', list: [`call me at d@x.example or pay by ${CARD}`, 'nothing'] },
        { nick: ' e@x.example ', other: 'f@x.example' },
        { nick: 4111111111111111, list: null },
      ],
      'jane@x.example': { nick: CARD },
      janedoe: CARD,
    }),
    {
      finds: [
        { at: "$['users'][*]['nick']", class: 'contact.email', named: true, count: 2, whole: 2 },
        { at: "$['users'][*]['list'][*]", class: 'contact.email', named: true, count: 1, whole: 0 },
        { at: "$['users'][*]['list'][*]", class: 'payment.card', named: true, count: 1, whole: 0 },
        // Names that stand neither in the policy nor in its fixture may be data.
        { at: "$['users'][*][*]", class: 'contact.email', named: false, count: 1, whole: 1 },
        { at: "$[*]['nick']", class: 'payment.card', named: false, count: 1, whole: 1 },
        { at: '$[*]', class: 'payment.card', named: false, count: 1, whole: 1 },
      ],
      truncated: false,
    },
  )
  t.same(sampleOf({ users: [] }), { finds: [], truncated: false })
  t.same(sampleOf('x@y.example')?.finds, [
    { at: '$', class: 'contact.email', named: true, count: 1, whole: 1 },
  ])
  t.same(
    sampleOf({ users: [{ nick: CARD }] }, 'unlisted: show\n    fixture: none')?.finds[0]?.at,
    '$[*][*][*]',
    'without a fixture only names of queries are told',
  )
  t.end()
})

test('how much is looked through and told is bounded', (t) => {
  const long = sampleOf({ users: [{ nick: 'x '.repeat(SAMPLED_UNITS_MAX) }, { nick: CARD }] })
  t.same(long, { finds: [], truncated: true })
  const many = Object.fromEntries(Array.from({ length: FINDS_MAX + 5 }, (_, n) => [`a${n}`, CARD]))
  const told = sampleOf(many, ROUTE, JSON.stringify({ ...JSON.parse(FIXTURE), ...many }))
  t.equal(told?.finds.length, FINDS_MAX)
  t.equal(told?.truncated, true)
  t.end()
})

test('only routes that show what no line names are sampled, and only where the policy says so', (t) => {
  const sampled = (route: string, sample?: string) =>
    compileText(policyOf(route, sample)).routeList[0]?.unlistedSample?.oneIn
  t.equal(sampled('unlisted: show\n    fixture: none'), 1)
  t.equal(sampled('unlisted: mask\n    fixture: none'), undefined)
  t.equal(sampled('fixture: none'), undefined)
  t.equal(sampled('unlisted: show\n    fixture: none', ''), undefined)
  t.equal(sampled('unlisted: show\n    format: ndjson\n    fixture: none'), undefined)
  for (const wrong of ['{}', '{ oneIn: 0 }', '{ oneIn: 1.5 }', '7', '{ oneIn: 1, of: x }'])
    t.ok(
      faultsOf(policyOf('unlisted: show\n    fixture: none', `audit: { sampleUnlisted: ${wrong} }`))
        .length > 0,
      wrong,
    )
  t.end()
})

test('no value and no name of an answer is in a sample', (t) => {
  const name = fc.oneof(
    fc.constantFrom('users', 'nick', 'list', 'account', 'plain', 'email'),
    fc.string({ minLength: 1, maxLength: 12 }).map((text) => `~${text}`),
    fc.stringMatching(/^secret[a-z]{1,8}$/),
  )
  const value = fc.oneof(
    fc.constant(CARD),
    fc.stringMatching(/^hidden[a-z]{1,8}@x\.example$/),
    fc.string(),
    fc.constant(null),
    fc.integer(),
  )
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 5 },
      value,
      fc.array(tie('tree'), { maxLength: 4 }),
      fc.dictionary(name, tie('tree'), { maxKeys: 4 }),
    ),
  }))
  fc.assert(
    fc.property(tree, (answer) => {
      const told = JSON.stringify(sampleOf(answer))
      return !/hidden|secret[a-z]|~|4111/.test(told)
    }),
    { numRuns: 150 },
  )
  t.end()
})
