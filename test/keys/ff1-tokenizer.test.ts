/** Tokens made with a key: stable, apart by tenant and class, and undone by nothing but the key. */
import { randomBytes } from 'node:crypto'
import * as fc from 'fast-check'
import { test } from 'tap'
import { KeyInvalidError } from '../../src/keys/errors.ts'
import { createFf1Tokenizer } from '../../src/keys/ff1-tokenizer.ts'
import { buildOperator } from '../../src/rules/operators/registry.ts'
import { ENVIRONMENT, masked } from '../rules/operators/masking.ts'

const KEY = Buffer.from('000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f', 'hex')
const CARD = '411111111111'

function made(change: object = {}) {
  return createFf1Tokenizer({ key: KEY, version: 1, tenant: 'acme', ...change })
}

/** What the operator answers to a string. */
function tokenized(text: string, keepLast: number, dataClass = 'payment.card'): string {
  const mask = keepLast === 0 ? 'tokenize' : { tokenize: { keepLast } }
  const operator = buildOperator(mask, {
    ...ENVIRONMENT,
    dataClass,
    pseudonymizer: undefined,
    tokenizer: made(),
  })
  return JSON.parse(masked(operator, JSON.stringify(text))) as string
}

test('a token stays the same for ever', async (t) => {
  // Written down once: other tokens here would make every stored one worthless.
  t.equal(made().tokenize('payment.card', CARD, '1111'), '954271079853')
  t.equal(made({ key: Buffer.from(KEY), version: 9 }).version, 9)
})

test('key, tenant, class and kept digits each change the token', async (t) => {
  const tokens = [
    made().tokenize('payment.card', CARD, '1111'),
    made().tokenize('payment.card', CARD, '1112'),
    made().tokenize('payment.card', CARD, ''),
    made().tokenize('payment.iban', CARD, '1111'),
    made({ tenant: 'acme2' }).tokenize('payment.card', CARD, '1111'),
    made({ tenant: 'acmepayment.card' }).tokenize('', CARD, '1111'),
    made({ key: randomBytes(32) }).tokenize('payment.card', CARD, '1111'),
  ]
  t.equal(new Set(tokens).size, tokens.length)
})

test('detokenize gives back every value that the operator tokenized', async (t) => {
  const parts = fc.array(
    fc.tuple(
      fc.string({ unit: fc.constantFrom(...'0123456789'.split('')), minLength: 1, maxLength: 6 }),
      fc.constantFrom('', ' ', '-', '.', '/', '\u00a0', ' (', ') ', '+'),
    ),
    { minLength: 1, maxLength: 8 },
  )
  const values = fc
    .tuple(fc.constantFrom('', 'DE', 'No. ', '+'), parts)
    .map(([prefix, rest]) => (prefix + rest.flat().join('')).trim())
  let undone = 0
  const law = fc.property(values, fc.integer({ min: 0, max: 4 }), (text, keepLast) => {
    const token = tokenized(text, keepLast)
    if (token === '[redacted]') return text.replaceAll(/[^0-9]/g, '').length < 6 + keepLast
    undone += 1
    return made().detokenize({ dataClass: 'payment.card', text: token, keepLast }) === text
  })
  t.doesNotThrow(() => fc.assert(law, { numRuns: 1_000 }))
  t.ok(undone > 500, `${undone} values undone`)
})

test('another key, tenant, class or number of kept digits gives another value back', async (t) => {
  const text = tokenized('4111 1111 1111 1234', 4)
  const token = { dataClass: 'payment.card', text, keepLast: 4 }
  t.equal(made().detokenize(token), '4111 1111 1111 1234')
  t.not(made().detokenize({ ...token, dataClass: 'payment.iban' }), '4111 1111 1111 1234')
  t.not(made().detokenize({ ...token, keepLast: 3 }), '4111 1111 1111 1234')
  t.not(made({ tenant: 'other' }).detokenize(token), '4111 1111 1111 1234')
  t.not(made({ key: randomBytes(32) }).detokenize(token), '4111 1111 1111 1234')
  t.equal(made().detokenize({ ...token, text: '[redacted]' }), undefined)
})

test('a tokenizer is not made of a weak key, without a version, or without a tenant', async (t) => {
  t.doesNotThrow(() => made())
  for (const change of [
    { key: Buffer.alloc(32) },
    { key: KEY.subarray(0, 31) },
    { version: 0 },
    { version: 1.5 },
    { tenant: '' },
  ]) {
    t.throws(() => made(change), KeyInvalidError, JSON.stringify(change))
  }
})

test('the caller may wipe the key that it gave', async (t) => {
  const key = Buffer.from(KEY)
  const tokenizer = made({ key })
  key.fill(0)
  t.equal(tokenizer.tokenize('a', CARD, ''), made().tokenize('a', CARD, ''))
})
