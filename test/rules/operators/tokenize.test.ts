/** `tokenize`: which digits are replaced, what stays, and what is redacted whole. */
import { test } from 'tap'
import { mostProtective } from '../../../src/rules/protection.ts'
import { masked, maskedText, operator } from './masking.ts'

/** The tokenizer of these tests answers nine minus each digit. */
const EXAMPLES: readonly (readonly [mask: string, value: string, expected: string])[] = [
  ['tokenize', '4111111111111111', '5888888888888888'],
  ['tokenize', '4111 1111-1111.1111', '5888 8888-8888.8888'],
  ['tokenize', ' 4111111111111111 ', '5888888888888888'],
  ['tokenize', '000000', '999999'],
  ['tokenize', '+49 (30) 123/456', '+50 (69) 876/543'],
  ['tokenize', 'DE89 3704 0044 0532 0130 00', 'DE10 6295 9955 9467 9869 99'],
  ['tokenize', 'CUST-001234', 'CUST-998765'],
  ['tokenize', '12345678Z', '87654321Z'],
  ['{ tokenize: { keepLast: 4 } }', '4111 1111 1111 1234', '5888 8888 8888 1234'],
  ['{ tokenize: { keepLast: 4 } }', '4111 1111 1111 12-34 X', '5888 8888 8888 12-34 X'],
  ['{ tokenize: { keepLast: 4 } }', '1234567890', '8765437890'],
  ['{ tokenize: { keepLast: 1 } }', '1234567', '8765437'],
  ['tokenize', '1'.repeat(56), '8'.repeat(56)],
]

/** Too few digits, too many, and what is not the number of something. */
const REDACTED: readonly (readonly [mask: string, value: string])[] = [
  ['tokenize', '12345'],
  ['{ tokenize: { keepLast: 4 } }', '123456789'],
  ['tokenize', '1'.repeat(57)],
  ['tokenize', `123456${' '.repeat(122)}7`],
  ['tokenize', 'Jane'],
  ['tokenize', 'Jane Doe 4111111111111111'],
  ['tokenize', 'RSSMRA85T10A562S'],
  ['tokenize', '411111111111111é'],
  ['tokenize', '41111111111１１１１１'],
  ['tokenize', '411111١١١١١١١١١١'],
  ['tokenize', '4111\n1111\n1111\n1111'],
  ['tokenize', '4111\u200b111111111111'],
  ['tokenize', '{"card":"4111111111111111"}'],
  ['tokenize', '******1111'],
  ['tokenize', '411111\ud800'],
]

test('tokenize replaces the digits and leaves what stands between them', async (t) => {
  for (const [mask, value, expected] of EXAMPLES) {
    t.equal(maskedText(operator(mask), value), expected, `${mask} of ${value}`)
  }
})

test('tokenize redacts what it cannot tokenize safely', async (t) => {
  for (const [mask, value] of REDACTED) {
    t.equal(maskedText(operator(mask), value), '[redacted]', `${mask} of ${JSON.stringify(value)}`)
  }
})

test('tokenize answers a string to a number, the same as to its text', async (t) => {
  const tokenize = operator('tokenize')
  t.equal(masked(tokenize, '4111111111111111'), '"5888888888888888"')
  t.equal(masked(tokenize, '"4111111111111111"'), '"5888888888888888"')
  // A number cannot begin with 0, and the 17 digits of another may be more than a client's numbers hold.
  t.equal(masked(tokenize, '9111111'), '"0888888"')
  t.equal(masked(tokenize, '12345'), '"[redacted]"')
})

test('tokenize redacts booleans and leaves null and the empty string', async (t) => {
  const tokenize = operator('tokenize')
  t.equal(masked(tokenize, 'true'), '"[redacted]"')
  t.equal(masked(tokenize, 'null'), 'null')
  t.equal(masked(tokenize, '""'), '""')
})

test('tokenize refuses other parameters', async (t) => {
  for (const mask of [
    '{ tokenize: 4 }',
    '{ tokenize: { keepLast: 0 } }',
    '{ tokenize: { keepLast: 5 } }',
    '{ tokenize: { keepFirst: 4 } }',
    '{ tokenize: }',
  ]) {
    t.throws(() => operator(mask), { code: 'ERR_POLICY_INVALID', message: /tokenize/ }, mask)
  }
})

test('tokenize counts as partial, and falls to redact beside any other such operator', async (t) => {
  const tokenize = operator('tokenize')
  t.equal(tokenize.partial, true)
  t.equal(mostProtective([tokenize, tokenize, 'show']), tokenize)
  for (const other of ['{ tokenize: { keepLast: 4 } }', '{ keepLast: 4 }', 'pseudonymize']) {
    t.equal(mostProtective([tokenize, operator(other)]), operator('redact'), other)
  }
  t.equal(mostProtective([tokenize, operator('suppress')]), operator('suppress'))
})
