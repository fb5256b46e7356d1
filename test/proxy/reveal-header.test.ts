/** `Celosia-Reveal` has one spelling for what it says, and says nothing that goes unread. */
import * as fc from 'fast-check'
import { test } from 'tap'
import { parseReveal } from '../../src/proxy/request/reveal-header.ts'

test('classes and a reason are read', (t) => {
  t.same(parseReveal('classes=(payment.card), reason="refund 8123"'), {
    classes: ['payment.card'],
    reason: { code: 'refund', ticket: '8123' },
  })
  t.same(parseReveal('classes=(b a c-d.e_f)'), {
    classes: ['a', 'b', 'c-d.e_f'],
    reason: undefined,
  })
  t.same(parseReveal('reason="refund", classes=(a)'), {
    classes: ['a'],
    reason: { code: 'refund', ticket: undefined },
  })
  t.match(parseReveal('classes=(a), text="Why \\"not\\""'), { text: 'Why "not"' })
  t.match(parseReveal('classes=(a), text=%"%c3%bc"'), { text: 'ü' })
  t.end()
})

test('every other spelling is refused', (t) => {
  const bad = [
    '',
    ' ',
    'payment.card',
    'classes=payment.card',
    'classes=("payment.card")',
    'classes=()',
    'classes',
    'classes=(a a)',
    'classes=(a), classes=(b)',
    'classes=(a), reason="refund 1", reason="refund 2"',
    'classes=(a), other=1',
    'classes=(a), __proto__=1',
    'classes=(a);x=1',
    'classes=(a;x=1)',
    'classes=(a), reason="refund 1";x',
    'classes=(a), reason=refund',
    'classes=(a), reason=1',
    'classes=(a), reason=?1',
    'classes=(a), reason=:cmVmdW5k:',
    'classes=(a), reason=("refund")',
    'classes=(a), reason=""',
    'classes=(a), reason="Refund 1"',
    'classes=(a), reason="refund  1"',
    'classes=(a), reason="refund 1 2"',
    'classes=(a), reason=" refund"',
    'classes=(a), reason="refund jane@example.com"',
    'classes=(a), reason="refund \\"1\\""',
    'classes=(a),reason="refund 1"',
    'classes=(a) , reason="refund 1"',
    'classes=( a )',
    'classes=(a  b)',
    ' classes=(a)',
    'classes=(a) ',
    'classes=(a),',
    'Classes=(a)',
    'classes=(1)',
    'classes=((a))',
    'classes=(a',
    'classes=(a b c d e f g h i)',
    `classes=(${'a'.repeat(1_100)})`,
    'classes=(ä)',
    'classes=(a)\u0000',
    'classes=(a), text=""',
    'classes=(a), text=" x"',
    'classes=(a), text=x',
    'classes=(a), text=("x")',
    'classes=(a), text=%"%0a"',
    'classes=(a), text=%"%e2%80%ae"',
    `classes=(a), text="${'x'.repeat(501)}"`,
  ]
  for (const text of bad) t.equal(parseReveal(text), undefined, JSON.stringify(text).slice(0, 60))
  t.end()
})

test('nothing throws, and what is taken has its one spelling', (t) => {
  const pieces = [
    'classes=',
    '(',
    ')',
    'a',
    'b.c',
    ' ',
    ', ',
    'reason=',
    '"refund 1"',
    ';x',
    '"',
    '1',
  ]
  const text = fc
    .array(fc.constantFrom(...pieces), { maxLength: 10 })
    .map((parts) => parts.join(''))
  fc.assert(
    fc.property(fc.oneof(text, fc.string()), (header) => {
      const request = parseReveal(header)
      if (request === undefined) return
      const { classes, reason } = request
      if (!classes.every((name) => header.includes(name))) throw new Error('a class from nowhere')
      if (reason !== undefined && !header.includes(`"${reason.code}`))
        throw new Error('a reason from nowhere')
    }),
    { numRuns: 3_000 },
  )
  t.end()
})
