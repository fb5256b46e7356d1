/** Canonical JSON of records, held against the library that knows the whole standard. */
import canonicalize from 'canonicalize'
import * as fc from 'fast-check'
import { test } from 'tap'
import { canonicalJson } from '../../../src/audit/chain/canonical-json.ts'
import { AuditUnavailableError } from '../../../src/audit/errors.ts'

function byLibrary(value: unknown): string | undefined {
  try {
    return canonicalize(value)
  } catch {
    return undefined
  }
}

function ours(value: unknown): string | undefined {
  try {
    return canonicalJson(value)
  } catch (error) {
    if (error instanceof AuditUnavailableError) return undefined
    throw error
  }
}

test('plain data is written as the library writes it', (t) => {
  const name = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 6 }),
    fc.constantFrom(
      '1',
      '10',
      '9',
      '__proto__',
      'constructor',
      'toJSON',
      '\u20ac',
      '\ud83d\ude00',
      '\ufb33',
      '\r',
      '',
    ),
  )
  const leaf = fc.oneof(
    fc.double(),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.string({ unit: 'binary' }),
    fc.constantFrom('\ud800', 'a\udc00', '\\ud800', '\u2028', '\u007f', -0, 1e21, 1e-7, Number.NaN),
  )
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof({ maxDepth: 5 }, leaf, tie('list'), tie('object')),
    list: fc.array(tie('value'), { maxLength: 4 }),
    object: fc.dictionary(name, fc.oneof(tie('value'), fc.constant(undefined)), {
      maxKeys: 6,
      noNullPrototype: false,
    }),
  }))
  fc.assert(
    fc.property(value, (some) => ours(some) === byLibrary(some)),
    { numRuns: 500 },
  )
  t.end()
})

test('what is more than plain data is what the library makes of it', (t) => {
  const round: unknown[] = []
  round.push(round)
  const odd: readonly unknown[] = [
    undefined,
    Symbol('x'),
    () => 1,
    1n,
    new Date(0),
    [new Date(0)],
    { at: new Date(0) },
    { toJSON: () => ({ b: 1, a: 2 }) },
    { a: undefined, b: 1 },
    [undefined, 1],
    Array(2),
    new Map([['a', 1]]),
    { a: new Set([1]) },
    Object('text'),
    [Object(7)],
    Object.create({ inherited: 1 }),
    Object.assign(Object.create(null), { b: 1, a: 2 }),
    round,
    { b: { d: 1, c: [] }, a: {} },
    JSON.parse('{"__proto__":{"b":1,"a":2},"a":1}'),
    JSON.parse('['.repeat(200) + ']'.repeat(200)),
  ]
  for (const value of odd) t.equal(ours(value), byLibrary(value))
  t.end()
})

test('more forms than are remembered are written all the same', (t) => {
  for (let number = 0; number < 5_000; number += 1) {
    const value = { [`z${number}`]: 1, a: { [`y${number}`]: number, b: [] } }
    if (ours(value) !== byLibrary(value)) t.fail(`${number}`)
  }
  const long: Record<string, number> = {}
  for (let number = 0; number < 100; number += 1) {
    long[`x${number}`] = number
    t.equal(ours({ ...long }), byLibrary(long), `${number} more`)
  }
  t.equal(ours({ b: 1, a: 2 }), '{"a":2,"b":1}')
  t.end()
})
