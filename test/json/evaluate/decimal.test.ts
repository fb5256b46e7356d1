/** Numbers and strings in order: against big integers and against code points. */
import * as fc from 'fast-check'
import { test } from 'tap'
import { compareDecimals, smallNumber } from '../../../src/json/evaluate/decimal.ts'
import { compareCodePoints } from '../../../src/json/evaluate/text-order.ts'

const EXPONENT_MAX = 40

/** A decimal as text and as an integer in units of 10^-100. */
const decimal = fc
  .record({
    minus: fc.boolean(),
    whole: fc.bigInt({ min: 0n, max: 10n ** 20n }),
    fraction: fc.stringMatching(/^[0-9]{0,20}$/),
    exponent: fc.integer({ min: -EXPONENT_MAX, max: EXPONENT_MAX }),
    letter: fc.constantFrom('e', 'E', ''),
  })
  .map(({ minus, whole, fraction, exponent, letter }) => {
    const power = letter === '' ? 0 : exponent
    const digits = BigInt(`${whole}${fraction}`) * 10n ** BigInt(100 - fraction.length + power)
    const point = fraction === '' ? '' : `.${fraction}`
    const text = `${minus ? '-' : ''}${whole}${point}${letter === '' ? '' : letter + exponent}`
    return { text, units: minus ? -digits : digits }
  })

test('compareDecimals orders as the exact values do', (t) => {
  fc.assert(
    fc.property(decimal, decimal, (a, b) => {
      const expected = a.units === b.units ? 0 : a.units < b.units ? -1 : 1
      return Math.sign(compareDecimals(a.text, b.text)) === expected
    }),
    { numRuns: 5_000, seed: 8_259 },
  )
  fc.assert(fc.property(decimal, (a) => compareDecimals(a.text, a.text) === 0))
  t.equal(compareDecimals(`1e${'9'.repeat(1_000)}`, `1e${'9'.repeat(999)}8`), 1)
  t.equal(compareDecimals(`-1e${'9'.repeat(1_000)}`, '0'), -1)
  t.end()
})

function small(text: string): number {
  const bytes = Buffer.from(`,${text},`)
  return smallNumber(bytes, 1, bytes.length - 1)
}

test('smallNumber is exact where it answers, and answers for short numbers only', (t) => {
  for (const text of ['0', '-0', '7', '-12.50', '0.1', '999999999999999', '0.0000000000001']) {
    t.equal(small(text), Number(text), text)
  }
  for (const text of ['1e2', '1E2', '1234567890123456', '0.12345678901234']) {
    t.ok(Number.isNaN(small(text)), text)
  }
  fc.assert(
    fc.property(decimal, decimal, (a, b) => {
      const [left, right] = [small(a.text), small(b.text)]
      if (Number.isNaN(left) || Number.isNaN(right)) return true
      return Math.sign(left - right) === Math.sign(compareDecimals(a.text, b.text))
    }),
    { numRuns: 2_000, seed: 8_259 },
  )
  t.end()
})

test('compareCodePoints orders by Unicode scalar values, as UTF-8 does', (t) => {
  const text = fc.string({
    unit: fc.constantFrom(
      'a',
      'b',
      '\ud7ff',
      '\ue000',
      '\uffff',
      '\u{10000}',
      '\u{10001}',
      '\u{10ffff}',
    ),
    maxLength: 4,
  })
  fc.assert(
    fc.property(text, text, (a, b) => {
      const expected = Buffer.compare(Buffer.from(a), Buffer.from(b))
      return Math.sign(compareCodePoints(a, b)) === expected
    }),
    { numRuns: 3_000, seed: 9_535 },
  )
  t.end()
})
