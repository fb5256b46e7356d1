/** What holds for every value, not only for those somebody thought of. */
import { test } from 'tap'
import * as fc from 'fast-check'
import { firstGrapheme, graphemesOf } from '../../../src/rules/operators/shared/graphemes.ts'
import { operator, masked, maskedText } from './masking.ts'

const RUNS = { numRuns: 300 }

/** Operators that promise that masking twice equals masking once. The others: pseudonymize (a pseudonym is a value too). */
const IDEMPOTENT = [
  'redact',
  '{ redact: { keepType: true } }',
  '"null"',
  '{ replace: hidden }',
  '{ keepFirst: 2 }',
  '{ keepLast: 4 }',
  '{ keepBoth: [1, 3] }',
  'email',
  '{ email: { domain: hide } }',
  'phone',
  'initials',
  '{ name: first }',
  '{ name: last }',
  'card',
  '{ card: { bin: 6, last: 4 } }',
  'iban',
  'ip',
  'url',
  '{ url: origin }',
  '{ date: year }',
  '{ date: month }',
  '{ date: decade }',
  '{ number: { round: 7 } }',
  '{ number: { bucket: 1000 } }',
]

const digits = (minLength: number, maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789'.split('')), minLength, maxLength })
const lowerCase = (minLength: number, maxLength: number) =>
  fc.string({
    unit: fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz'.split('')),
    minLength,
    maxLength,
  })

/** Texts of all the forms that operators know, and of none. */
const texts = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: fc.constantFrom('*', '.', 'a', 'B', ' ', '@', '1', '\u0301', '\u0d4e', '王') }),
  fc.emailAddress(),
  fc
    .tuple(fc.string({ unit: 'grapheme', maxLength: 5 }), lowerCase(1, 5))
    .map((parts) => parts.join('@')),
  fc.webUrl({ withQueryParameters: true, withFragments: true }),
  fc.ipV4(),
  fc.ipV6(),
  digits(1, 25),
  fc.double().map(String),
  fc.date({ noInvalidDate: true }).map((value) => value.toISOString()),
  fc.array(lowerCase(1, 10), { maxLength: 4 }).map((words) => words.join(' ')),
)

const leaves = fc.oneof(
  texts.map((text) => JSON.stringify(text)),
  fc.double({ noDefaultInfinity: true, noNaN: true }).map((value) => JSON.stringify(value)),
  fc.bigInt().map(String),
  fc.constantFrom('true', 'false', 'null', '""'),
)

test('masking twice equals masking once, for every operator that promises it', async (t) => {
  for (const mask of IDEMPOTENT) {
    const instance = operator(mask)
    const law = fc.property(leaves, (leaf) => {
      const once = masked(instance, leaf)
      return masked(instance, once) === once
    })
    t.doesNotThrow(() => fc.assert(law, RUNS), mask)
  }
})

test('every operator answers JSON without lone surrogates, of bounded length, to every leaf', async (t) => {
  const masks = [...IDEMPOTENT, 'pseudonymize', '{ pseudonymize: { form: readable } }']
  for (const mask of masks) {
    const instance = operator(mask)
    const law = fc.property(leaves, (leaf) => {
      const answer = masked(instance, leaf)
      const value: unknown = JSON.parse(answer)
      const wellFormed = typeof value !== 'string' || value.isWellFormed()
      // URLs grow in Punycode and percent-encoding, numbers by the digits that an exponent stands for.
      return wellFormed && answer.length <= leaf.length * 9 + 512
    })
    t.doesNotThrow(() => fc.assert(law, RUNS), mask)
  }
})

test('long values are hidden whole and take no time', async (t) => {
  const hostile = ['a', '*', '@', '1', ' ', 'é', '👩‍👩‍👧', 'e\u0301', 'http://', '1:', 'A.'].map(
    (unit) => unit.repeat(400_000 / unit.length),
  )
  const before = process.cpuUsage()
  for (const mask of [...IDEMPOTENT, 'pseudonymize']) {
    const instance = operator(mask)
    for (const text of hostile) {
      const answer = masked(instance, JSON.stringify(text))
      if (answer.length > 40) t.fail(`${mask}: ${text.slice(0, 8)}`)
    }
  }
  const { user } = process.cpuUsage(before)
  t.ok(user < 5_000_000, `${user} microseconds`)
})

/** A value, and the part of it that must not be found again. */
interface Hidden {
  readonly text: string
  readonly hidden: string
}

const HIDING: Readonly<Record<string, fc.Arbitrary<Hidden>>> = {
  redact: lowerCase(1, 30).map((text) => ({ text, hidden: text })),
  '{ keepFirst: 5 }': lowerCase(1, 40).map((text) => ({ text, hidden: text })),
  '{ keepLast: 5 }': lowerCase(1, 40).map((text) => ({ text, hidden: text })),
  '{ keepBoth: [2, 2] }': lowerCase(1, 40).map((text) => ({ text, hidden: text })),
  email: fc.tuple(lowerCase(1, 30), lowerCase(0, 9), fc.boolean()).map(([local, host, vanity]) => ({
    text: `${local}@${vanity ? local : 'x'}${host}.example`,
    hidden: local,
  })),
  phone: digits(7, 15).map((text) => ({ text, hidden: text })),
  initials: fc
    .array(lowerCase(2, 12), { minLength: 1, maxLength: 5 })
    .map((words) => ({ text: words.join(' '), hidden: words.join(' ') })),
  '{ name: first }': fc
    .tuple(lowerCase(2, 5), lowerCase(2, 12))
    .map(([first, last]) => ({ text: `${first} ${last}`, hidden: last })),
  card: digits(12, 19).map((text) => ({ text, hidden: text })),
  '{ card: { bin: 6, last: 4 } }': digits(15, 19).map((text) => ({
    text,
    hidden: text.slice(1, -1),
  })),
  iban: digits(13, 32).map((text) => ({ text: `DE${text}`, hidden: text })),
  url: lowerCase(6, 20).map((secret) => ({
    text: `https://${secret}:${secret}@x.example/a?q=${secret}#${secret}`,
    hidden: secret,
  })),
  pseudonymize: lowerCase(17, 40).map((text) => ({ text, hidden: text })),
}

const RUN_UNITS = 6

test('no six characters in a row of what is hidden are in the answer', async (t) => {
  for (const [mask, values] of Object.entries(HIDING)) {
    const instance = operator(mask)
    const law = fc.property(values, ({ text, hidden }) => {
      const answer = maskedText(instance, text)
      for (let at = 0; at + RUN_UNITS <= hidden.length; at += 1) {
        const run = hidden.slice(at, at + RUN_UNITS)
        // A card number that repeats its first digits shows them there, not here.
        if (answer.includes(run) && !text.startsWith(run)) return false
      }
      return true
    })
    t.doesNotThrow(() => fc.assert(law, RUNS), mask)
  }
})

test('the masks of long values have one length, whatever the length of the value', async (t) => {
  for (const mask of ['{ keepFirst: 2 }', '{ keepLast: 4 }', '{ keepBoth: [2, 2] }']) {
    const instance = operator(mask)
    const law = fc.property(lowerCase(8, 60), lowerCase(8, 60), (one, other) => {
      return maskedText(instance, one).length === maskedText(instance, other).length
    })
    t.doesNotThrow(() => fc.assert(law, RUNS), mask)
  }
})

test('graphemes are those of UAX #29, also where the segmenter is not asked', async (t) => {
  const segmenter = new Intl.Segmenter('und', { granularity: 'grapheme' })
  const unit = fc.oneof(
    fc.integer({ min: 0x20, max: 0x52f }),
    fc.integer({ min: 0x3000, max: 0x30ff }),
    fc.integer({ min: 0x4e00, max: 0xd7ff }),
    fc.integer({ min: 0x1100, max: 0x11ff }),
  )
  const text = fc.oneof(
    fc.array(unit, { maxLength: 4 }).map((units) => String.fromCharCode(...units)),
    fc.string({ unit: 'binary', maxLength: 4 }),
  )
  const law = fc.property(text, (value) => {
    const expected = Array.from(segmenter.segment(value), (part) => part.segment)
    const actual = graphemesOf(value)
    return (
      actual.length === expected.length &&
      actual.every((grapheme, index) => grapheme === expected[index]) &&
      firstGrapheme(value) === (expected[0] ?? '')
    )
  })
  t.doesNotThrow(() => fc.assert(law, { numRuns: 3_000 }))
})

test('rounding is exact for integers of any size, halves away from zero', async (t) => {
  const step = fc.integer({ min: 2, max: 100_000 })
  const law = fc.property(fc.bigInt(), step, (value, by) => {
    const rounded = BigInt(masked(operator(`{ number: { round: ${by} } }`), String(value)))
    const bucket = BigInt(masked(operator(`{ number: { bucket: ${by} } }`), String(value)))
    const off = rounded > value ? rounded - value : value - rounded
    return (
      rounded % BigInt(by) === 0n &&
      off * 2n <= BigInt(by) &&
      bucket % BigInt(by) === 0n &&
      bucket <= value &&
      value - bucket < BigInt(by)
    )
  })
  t.doesNotThrow(() => fc.assert(law, RUNS))
})
