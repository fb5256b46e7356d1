/** A write tells nobody whether something is there that the caller does not even see. */
import { test } from 'tap'
import * as fc from 'fast-check'
import { isDeepStrictEqual } from 'node:util'
import { CelosiaError } from '../../src/core/errors.ts'
import type { WriteDocument } from '../../src/rules/policy/document.ts'
import { PRELUDE } from '../rules/policy-text.ts'
import { guardOf, write } from '../rules/writes/guard-of.ts'

const UNSEEN = ['one', 'two'] as const
const POLICY = `${PRELUDE}classes:
  unseen: { mask: suppress }
  contact.email: { mask: email }
roles: { agent: {}, clerk: { write: [contact.email] } }
routes:
  - match: GET /user
    upstream: desk
    fields: { unseen: '$.user["one", "two"]', contact.email: [$.user.email, $.user.part.email] }
    plain: ['$.user["name", "tags"]', '$.user.tags[*]', $.user.part.name]
    fixture: none
`

const leaves = fc.constantFrom('[masked]', 'x', '', 0, 1, null, false, 'a***@x.example', 'Ann')
const values = fc.oneof(
  { weight: 3, arbitrary: leaves },
  fc.dictionary(fc.constantFrom('a', 'name', 'email'), leaves, { noNullPrototype: true }),
  fc.array(leaves, { maxLength: 2 }),
)
const seen = fc.record({
  name: fc.constantFrom('Ann', 'Bob'),
  email: fc.constantFrom('ann@x.example', null),
  part: fc.record({ name: fc.constant('p'), email: fc.constant('p@x.example') }),
  tags: fc.array(fc.constantFrom('a', 'b'), { maxLength: 2 }),
})
const unseen = fc.dictionary(fc.constantFrom(...UNSEEN), values, {
  minKeys: 1,
  noNullPrototype: true,
})
const names = fc.constantFrom(...UNSEEN, 'name', 'email', 'part', 'tags', 'other')
const bodies = fc.record({ user: fc.dictionary(names, values, { noNullPrototype: true }) })
const paths = fc
  .tuple(names, fc.constantFrom('', '', '', '/a', '/0', '/-', '/name', '/email'))
  .map(([name, rest]) => `/user/${name}${rest}`)
const operations = fc.oneof(
  fc.record({ op: fc.constantFrom('add', 'replace', 'test'), path: paths, value: values }),
  fc.record({ op: fc.constant('remove'), path: paths }),
  fc.record({ op: fc.constantFrom('move', 'copy'), path: paths, from: paths }),
)
const requests = fc.oneof(
  fc.record({ format: fc.constantFrom('json', 'merge-patch'), body: bodies }),
  fc.record({
    format: fc.constant('json-patch'),
    body: fc.array(operations, { minLength: 1, maxLength: 4 }),
  }),
) as fc.Arbitrary<{ format: 'json' | 'merge-patch' | 'json-patch'; body: unknown }>
const rules: fc.Arbitrary<WriteDocument> = fc
  .record({
    update: fc.constantFrom('partial' as const, 'replace' as const),
    returned: fc.constantFrom('remove' as const, 'restore' as const, 'refuse' as const),
    absent: fc.constantFrom('restore' as const, 'refuse' as const),
  })
  .filter(({ update, returned }) => update === 'partial' || returned !== 'remove')
  .map((some) => ({
    read: 'GET /user',
    record: { request: '$.user', answer: '$.user' },
    precondition: 'none',
    ...some,
  }))
const listings = fc.constantFrom(
  { unlisted: 'pass' as const },
  { plain: ['$.user["name", "one", "two"]', '$.user["one", "two", "tags"][*]'] },
)

test('what a request says to somebody who does not see that something is there', (t) => {
  fc.assert(
    fc.property(
      fc.record({ seen, unseen, request: requests, rules, listing: listings }),
      fc.constantFrom('agent', 'clerk'),
      (given, role) => {
        const guard = guardOf(POLICY, given.rules, [role], given.listing)
        const told = (user: object) => {
          const record = JSON.stringify({ user })
          const body = JSON.stringify(given.request.body)
          try {
            const outcome = write(guard, { record, body, format: given.request.format })
            if (outcome.kind === 'send') return 'sent'
            return [outcome.reason, outcome.request, outcome.record]
          } catch (error) {
            if (error instanceof CelosiaError) return error.code
            throw error
          }
        }
        return isDeepStrictEqual(told({ ...given.seen, ...given.unseen }), told(given.seen))
      },
    ),
    { numRuns: 3_000 },
  )
  t.end()
})
