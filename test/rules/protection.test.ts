/** The order of protection: which operator wins where classes overlap. */
import { test } from 'tap'
import * as fc from 'fast-check'
import type { Protection } from '../../src/rules/protection.ts'
import { mostProtective } from '../../src/rules/protection.ts'
import { operator } from './operators/masking.ts'

const PROTECTIONS: readonly Protection[] = [
  'show',
  ...[
    'suppress',
    'redact',
    '{ redact: { keepType: true } }',
    '"null"',
    '{ replace: hidden }',
    '{ keepLast: 2 }',
    '{ keepLast: 4 }',
    'email',
    'pseudonymize',
  ].map(operator),
]

const some = fc.array(fc.constantFrom(...PROTECTIONS), { minLength: 1, maxLength: 6 })
const idOf = (protection: Protection) => (protection === 'show' ? 'show' : protection.id)
const RANKS = new Map([
  ['show', 0],
  ['redact', 2],
  ['suppress', 3],
])
const rank = (protection: Protection) => RANKS.get(idOf(protection)) ?? 1
const winner = (...masks: readonly string[]) =>
  idOf(mostProtective(masks.map((mask) => (mask === 'show' ? 'show' : operator(mask)))))

test('the published order: suppress, redact, every other operator, show', async (t) => {
  t.equal(winner('show'), 'show')
  t.equal(winner('show', 'show'), 'show')
  t.equal(winner('show', '{ keepLast: 4 }'), 'keepLast(4)')
  t.equal(winner('{ keepLast: 4 }', '{ keepLast: 4 }'), 'keepLast(4)')
  t.equal(winner('{ keepLast: 4 }', '{ keepLast: 2 }'), 'redact')
  t.equal(winner('{ keepLast: 4 }', 'email'), 'redact')
  t.equal(winner('"null"', '{ replace: hidden }'), 'redact')
  t.equal(winner('{ redact: { keepType: true } }', '"null"'), 'redact')
  t.equal(winner('redact', 'email', 'show'), 'redact')
  t.equal(winner('suppress', 'redact', 'email'), 'suppress')
  t.equal(winner('"null"', 'suppress', 'show'), 'suppress')
  t.throws(() => mostProtective([]))
})

test('neither order nor repetition of the operators matters', async (t) => {
  const law = fc.property(
    some.chain((all) =>
      fc.tuple(
        fc.constant(all),
        fc.shuffledSubarray([...all, ...all], { minLength: all.length * 2 }),
      ),
    ),
    ([all, shuffled]) => idOf(mostProtective(all)) === idOf(mostProtective(shuffled)),
  )
  t.doesNotThrow(() => fc.assert(law, { numRuns: 2_000 }))
})

test('taking groups first gives the same as taking all at once', async (t) => {
  const law = fc.property(some, some, some, (a, b, c) => {
    const all = idOf(mostProtective([...a, ...b, ...c]))
    const left = mostProtective([mostProtective([...a, ...b]), ...c])
    const right = mostProtective([...a, mostProtective([...b, ...c])])
    return idOf(left) === all && idOf(right) === all
  })
  t.doesNotThrow(() => fc.assert(law, { numRuns: 2_000 }))
})

test('one more operator never makes the answer less protective', async (t) => {
  const law = fc.property(some, fc.constantFrom(...PROTECTIONS), (all, more) => {
    return rank(mostProtective([...all, more])) >= rank(mostProtective(all))
  })
  t.doesNotThrow(() => fc.assert(law, { numRuns: 2_000 }))
})
