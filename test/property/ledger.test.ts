/** The ledger of locations against a slow count over a tree; and no name of an answer ever stands in it. */
import * as fc from 'fast-check'
import { test } from 'tap'
import { DEFAULT_LIMITS } from '../../src/json/limits.ts'
import { maskDocument } from '../../src/json/program.ts'
import { parseQuery, parseRelativeQuery } from '../../src/json/query/parse.ts'
import { descendants, select } from '../helpers/json-reference/select.ts'
import { toldPlaces } from '../helpers/json-reference/told-places.ts'
import { parseTree } from '../helpers/json-reference/tree.ts'
import { compileText, PRELUDE } from '../rules/policy-text.ts'

const RULES = {
  'routes.0.fields.person.name': "$.users[*]['name', 'full name']",
  'routes.0.fields.payment.card': '$.users[*].fields[0,2].value',
  'anywhere.contact.email': '$..email',
} as const
const PLAIN = ['$.users[*].id', '$.next']
const POLICY = `${PRELUDE}audit: { ledger: locations }
classes: { person.name: { mask: redact }, payment.card: { mask: redact }, contact.email: { mask: redact } }
roles: { agent: { show: [person.name, payment.card, contact.email] } }
anywhere: { contact.email: $..email }
routes:
  - match: GET /users
    upstream: desk
    dataSubjects: [{ kind: user, at: "$.users[*]", id: "@.id" }]
    fields:
      person.name: "$.users[*]['name', 'full name']"
      payment.card: "$.users[*].fields[0,2].value"
    plain: ["$.users[*].id", $.next]
    fixture: none
`
/** Queries whose names the policy spells out, as a program of the reference's kind. */
const SPELLED = {
  targets: [...Object.values(RULES), ...PLAIN].map((text) => ({
    query: parseQuery(text),
    reach: 'subtree' as const,
  })),
  scopes: [{ at: parseQuery('$.users[*]'), id: parseRelativeQuery('@.id') }],
  counterCount: 0,
  resolve: () => ({ leaf: undefined, container: undefined, memberName: undefined, counters: [] }),
  limits: DEFAULT_LIMITS,
}

const CANARIES = ['jane.doe@example.com', 'Jane_Doe', 'canary', 'é']
const names = fc.constantFrom(
  'users',
  'name',
  'full name',
  'fields',
  'value',
  'email',
  'id',
  'next',
  ...CANARIES,
)
const { document } = fc.letrec<{ document: unknown }>((tie) => ({
  document: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom<unknown>('x', '', 7, true, null),
    fc.dictionary(names, tie('document'), { maxKeys: 5, noNullPrototype: true }),
    fc.array(tie('document'), { maxLength: 4 }),
  ),
}))
const users = fc.record({ users: fc.array(document, { maxLength: 4 }), next: document })

/** Rule and place of each leaf that holds something, with how many there are. */
function slowCounts(text: string): Record<string, number> {
  const root = parseTree(Buffer.from(text))
  const places = toldPlaces(SPELLED, root)
  const below = (query: string) =>
    new Set([...select(parseQuery(query), root).nodes].flatMap((node) => [...descendants(node)]))
  const rules = Object.entries(RULES).map(([rule, query]) => [rule, below(query)] as const)
  const plain = new Set(PLAIN.flatMap((query) => [...select(parseQuery(query), root).nodes]))
  const counts: Record<string, number> = {}
  for (const node of descendants(root)) {
    const isEmpty = node.type === 'null' || (node.type === 'string' && node.text === '')
    if (isEmpty || node.type === 'array' || node.type === 'object') continue
    const covering = rules.filter(([, nodes]) => nodes.has(node)).map(([rule]) => rule)
    const told = covering.length > 0 ? covering : plain.has(node) ? [] : ['unlisted']
    for (const rule of told) {
      const key = `${rule} ${places.get(node)}`
      counts[key] = (counts[key] ?? 0) + 1
    }
  }
  return counts
}

test('places with their counts are those of a slow count, and no name of an answer is told', (t) => {
  const masking = compileText(POLICY).routeList[0]?.maskingFor(['agent'])
  if (masking === undefined) throw new Error('no route')
  fc.assert(
    fc.property(fc.oneof(users, document), (answer) => {
      const text = JSON.stringify(answer)
      const { exposures } = maskDocument(masking.program, Buffer.from(text))
      const locations = masking.report(exposures).locations ?? []
      const told = Object.fromEntries(locations.map((one) => [`${one.rule} ${one.at}`, one.count]))
      t.same(told, slowCounts(text))
      const words = JSON.stringify(locations)
      for (const canary of CANARIES) if (words.includes(canary)) t.fail(`${canary} is told`)
    }),
    { numRuns: 300 },
  )
  t.end()
})
