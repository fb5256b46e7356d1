/** Faults of what the gateway is told to ask itself for. */
import { test } from 'tap'
import { compileText, PRELUDE } from '../policy-text.ts'
import { checkFaults } from './table.ts'

const REST = `classes: { contact.email: { mask: email }, payment.card: { mask: redact } }
roles: { agent: {}, lead: { show: [contact.email] } }
routes:
  - { match: "GET /a/{id:integer}", upstream: desk, roles: [agent], fixture: none, query: { q: slug } }
  - { match: "GET /b", upstream: desk, fixture: none }
`
const planted = {
  MAIL: 'quillon.vextrade@planted.example',
  SHORT: 'a.b.c.d',
  DIGITS: '12-345-6789',
}
const canary = (text: string) => `${REST}selfTest: { records: [{ name: c, ${text} }] }\n`
const HIDDEN = 'hidden: [{ class: contact.email, env: MAIL }]'

test('what is asked for is a route, and what is planted is there and can be told from other values', (t) => {
  const cases = [
    { name: 'nothing', policy: `${REST}selfTest: ▸{}\n`, says: [/nothing is asked for/] },
    {
      name: 'no route',
      policy: canary(`get: ▸/c, ${HIDDEN}`),
      says: [/no route of the policy/],
    },
    { name: 'no path', policy: canary(`get: ▸a/7, ${HIDDEN}`), says: [/no route/] },
    {
      name: 'a parameter that is not declared',
      policy: canary(`get: ▸"/a/7?x=1", ${HIDDEN}`),
      says: [/does not take these query parameters/],
    },
    {
      name: 'an unknown purpose',
      policy: canary(`get: /a/7, purpose: ▸support, ${HIDDEN}`),
      says: [/unknown purpose/],
    },
    {
      name: 'unknown roles and classes',
      policy: canary(
        'get: /a/7, as: [[▸agents]], hidden: [{ class: ▸contact.mail, env: MAIL, from: [▸agnet] }]',
      ),
      says: [/unknown role/, /unknown class/, /unknown role/],
    },
    {
      name: 'a value from two places, from none, and one that is not there',
      policy: canary(
        'get: /a/7, hidden: [▸{ class: contact.email, env: MAIL, file: f }, ▸{ class: contact.email }, ▸{ class: contact.email, env: NONE }]',
      ),
      says: [/exactly one/, /exactly one/, /is not there: NONE/],
    },
    {
      name: 'values that are too short',
      policy: canary(
        'get: /a/7, hidden: [▸{ class: contact.email, env: SHORT }, ▸{ class: payment.card, env: DIGITS }]',
      ),
      says: [/at least 8 letters and digits/, /or 10 digits alone/],
    },
    {
      name: 'a value of which everything is kept',
      policy: canary(
        'get: /a/7, hidden: [{ class: contact.email, env: MAIL, kept: ▸[Quillon.Vextrade@planted.example] }]',
      ),
      says: [/nothing of the value is left/],
    },
    {
      name: 'a role that shows what must be hidden from it',
      policy: canary(
        'get: /b, hidden: [{ class: contact.email, env: MAIL, from: [agent, ▸lead] }]',
      ),
      says: [/`lead` must not be told it here, and shows `contact.email`/],
    },
    {
      name: 'a record that nobody may ask for',
      policy: `${REST}selfTest: { records: [▸{ name: c, get: /a/7, as: [[lead]], ${HIDDEN} }] }\n`,
      says: [/nobody who may ask/],
    },
    {
      name: 'one name for two',
      policy: `${REST}selfTest: { records: [{ name: c, get: /b, ${HIDDEN} }, { name: ▸c, get: /b, ${HIDDEN} }] }\n`,
      says: [/stands twice/],
    },
    {
      name: 'times that are out of bounds',
      policy: `${REST}selfTest: { interval: ▸9s, timeout: ▸2m, direct: [{ upstream: desk, path: /b }] }\n`,
      says: [/from 10s to 1h/, /from 1s to 1m/],
    },
    {
      name: 'a request past the gateway to nowhere',
      policy: `${REST}selfTest: { direct: [{ upstream: ▸dask, path: ▸b }] }\n`,
      says: [/unknown upstream/, /not a path/],
    },
    {
      name: 'a status that is no refusal',
      policy: `${REST}selfTest: { direct: [{ upstream: desk, path: /b, refused: [▸200] }] }\n`,
      says: [/300|minimum|at least/],
    },
  ]
  checkFaults(
    t,
    cases.map((item) => ({ ...item, planted })),
  )
  t.end()
})

test('whom to ask as follows from the roles, unless the policy says it', (t) => {
  const asked = (text: string) => {
    const { selfTest } = compileText(PRELUDE + canary(text), { planted })
    return selfTest?.canaries[0]?.asked.map(({ roles, hidden }) => [roles.join('+'), hidden.length])
  }
  const both = 'hidden: [{ class: contact.email, env: MAIL }, { class: payment.card, env: MAIL }]'
  t.same(asked(`get: /b, ${both}`), [
    ['agent', 2],
    ['lead', 1],
  ])
  t.same(asked(`get: /a/7, ${both}`), [['agent', 2]], 'who may not use the route is not asked as')
  t.same(asked(`get: /a/7, as: [[lead, agent], [lead]], ${both}`), [['agent+lead', 1]])
  t.same(
    asked(
      `get: /b, as: [[lead], [agent, lead]], ${both.replace('MAIL }]', 'MAIL, from: [lead] }]')}`,
    ),
    [['lead', 1]],
  )
  const rules = compileText(`${PRELUDE}${canary(`get: "/a/7?q=x", ${HIDDEN}`)}`, {
    planted,
  }).selfTest
  t.match(rules, { intervalMs: 60_000, timeoutMs: 10_000, onLeak: 'flag', direct: [] })
  t.end()
})
