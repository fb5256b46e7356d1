/** Spans that overlap become one, and the surest decides what it is. */
import * as fc from 'fast-check'
import { test } from 'tap'
import { allowListOf, isAllowEntry } from '../../src/recognizers/allow-list.ts'
import { compilePattern } from '../../src/recognizers/pattern.ts'
import { endOf, mergeOverlaps, startOf } from '../../src/recognizers/span.ts'
import type { Span } from '../../src/recognizers/span.ts'
import { active, found, PRECEDENCE } from './scanning.ts'

const TEXT = '0123456789'

function span(start: number, end: number, confidence: number, recognizer = 'card'): Span {
  const text = TEXT.slice(start, end)
  return { dataClass: recognizer, recognizer, confidence, text, pieces: [{ start, end }] }
}

const merged = (...spans: readonly Span[]): readonly string[] =>
  mergeOverlaps(TEXT, spans, PRECEDENCE).map(
    ({ recognizer, text, confidence }) => `${recognizer} ${text} ${confidence}`,
  )

test('one span covers what overlapping ones cover, and is of the surest, the longest, the first in the table', (t) => {
  t.same(merged(span(0, 3, 0.9), span(3, 5, 0.6, 'phone')), ['card 012 0.9', 'phone 34 0.6'])
  t.same(merged(span(0, 4, 0.6, 'phone'), span(2, 6, 0.9)), ['card 012345 0.9'])
  t.same(merged(span(0, 4, 0.9, 'phone'), span(1, 6, 0.9)), ['card 012345 0.9'])
  t.same(merged(span(0, 4, 0.9, 'phone'), span(0, 4, 0.9, 'card')), ['card 0123 0.9'])
  t.same(merged(span(0, 9, 0.5, 'url'), span(2, 4, 0.9, 'email')), ['email 012345678 0.9'])
  t.same(merged(span(0, 3, 0.5), span(2, 5, 0.5), span(4, 8, 0.9, 'iban')), ['iban 01234567 0.9'])
  t.end()
})

test('merged spans are in order, apart, and cover exactly what was covered', (t) => {
  const spans = fc.array(
    fc
      .tuple(
        fc.integer({ min: 0, max: 9 }),
        fc.integer({ min: 1, max: 9 }),
        fc.constantFrom(0.5, 0.7, 0.9),
      )
      .map(([start, length, sure]) => span(start, Math.min(start + length, 10), sure)),
    { maxLength: 8 },
  )
  const law = fc.property(spans, (list) => {
    const whole = mergeOverlaps(TEXT, list, PRECEDENCE)
    const covered = new Set(list.flatMap((entry) => indices(entry)))
    const now = whole.flatMap((entry) => indices(entry))
    let end = -1
    return (
      now.length === new Set(now).size &&
      now.every((index) => covered.has(index) && index > end && (end = index) >= 0) &&
      now.length === covered.size
    )
  })
  fc.assert(law)
  t.end()
})

function indices(entry: Span): readonly number[] {
  return Array.from({ length: endOf(entry) - startOf(entry) }, (_, index) => startOf(entry) + index)
}

test('a URL with a password is not taken for an address of e-mail', (t) => {
  t.same(found('see https://jane:secret@example.com/x'), ['url: https://jane:secret@example.com/x'])
  t.same(found('an IBAN, not a card: FR37 7107 4473 8485 0459 0864 908'), [
    'iban: FR37 7107 4473 8485 0459 0864 908',
  ])
  t.end()
})

test('values of an allow-list are left, whatever their case and separators', (t) => {
  const allowed = ['support@example.com', '*@example.org', '+34 900 123 456', '4111*']
  const of = active(undefined, { allowed })
  t.same(found('Support@Example.com, jane@example.org, call +34-900-123-456', of), [])
  t.same(found('4111 1111 1111 1111 and jane@example.com', of), ['email: jane@example.com'])
  t.same(['', '*', ' * ', '*-*'].map(isAllowEntry), [false, false, false, false])
  t.throws(() => allowListOf(['*']), RangeError)
  t.end()
})

test('patterns of a policy find whole words, the longest of those that begin first', (t) => {
  const of = (pattern: string) => {
    const { recognizer, fault } = compilePattern(pattern, 'id.customer')
    if (recognizer === undefined) throw new Error(fault)
    const settings = { countries: [] }
    return [{ recognizer, dataClass: 'id.customer', settings, allowed: [], atLeast: 0.5 }]
  }
  t.same(found('CUS-123456, xCUS-123456, CUS-1234567', of('CUS-[0-9]{6}')), ['pattern: CUS-123456'])
  t.same(found('ab abc abcd', of('a(b|bc)')), ['pattern: ab', 'pattern: abc'])
  t.same(found('a-b a-b-c', of('[a-z](-[a-z])*')), ['pattern: a-b', 'pattern: a-b-c'])
  t.same(found('straße Straße', of('\\p{Lu}\\p{L}+')), ['pattern: Straße'])
  t.same(found(`x${'y'.repeat(300)}`, of('xy*')), [])
  t.match(compilePattern('\\d+', 'x').fault, /./)
  t.match(compilePattern('(a{50}){50}', 'x').fault, /instructions/)
  t.end()
})
