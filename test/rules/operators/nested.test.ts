/** Operators for text inside text: JSON in a string, base64. */
import { test } from 'tap'
import * as fc from 'fast-check'
import type { OperatorInstance } from '../../../src/rules/operator.ts'
import { CONTEXT, masked, maskedText, operator } from './masking.ts'

const R = '[redacted]'

const encode = (text: string) => Buffer.from(text).toString('base64')
const decode = (text: string) => Buffer.from(text, 'base64').toString()

/** What becomes of a text when it is written in base64. */
function inBase64(instance: OperatorInstance, text: string): string {
  return decode(maskedText(instance, encode(text)))
}

test('json masks each leaf of the document in the string and touches nothing else', async (t) => {
  const instance = operator('{ json: email }')
  t.equal(
    maskedText(instance, ' {"e" : "jane@example.com","n":[1,null,""]}\n'),
    ' {"e" : "j***@example.com","n":["[redacted]",null,""]}\n',
  )
  t.equal(maskedText(instance, '"jane@example.com"'), '"j***@example.com"')
  t.equal(
    maskedText(operator('{ json: redact }'), '{"a":{"b":[true,"x"]}}'),
    `{"a":{"b":["${R}","${R}"]}}`,
  )
  t.equal(maskedText(operator('{ json: { redact: { keepType: true } } }'), '[1,"x"]'), `[0,"${R}"]`)
  t.equal(maskedText(operator('{ json: "null" }'), '{"a":1}'), '{"a":null}')
})

test('json keeps the bytes of a document in which nothing is hidden', async (t) => {
  const instance = operator('{ json: email }')
  for (const json of ['"{ \\"a\\" : null }"', '"[]"', '"{\\u0022a\\u0022:{}}"', 'null', '""']) {
    t.equal(masked(instance, json), json)
  }
})

test('json redacts what holds no document, or one beyond the limits', async (t) => {
  const instance = operator('{ json: email }')
  for (const text of ['jane', '{"a":1', "{'a':1}", '{}{}', '\ufeff{}', ' ', 'NaN', '{"a":1}\0']) {
    t.equal(maskedText(instance, text), R, JSON.stringify(text))
  }
  t.equal(maskedText(instance, '['.repeat(600) + ']'.repeat(600)), R)
  t.equal(maskedText(instance, `[${'1'.repeat(2_000)}]`), R)
  t.equal(masked(instance, '"{\\"a\\":\\"\\ud800\\"}"'), JSON.stringify(R))
  for (const json of ['1', 'true']) t.equal(masked(instance, json), JSON.stringify(R))
})

test('documents in documents are masked as deep as the policy says, and the limits allow', async (t) => {
  const inner = JSON.stringify({ e: 'jane@example.com' })
  const outer = JSON.stringify({ payload: inner })
  const instance = operator('{ json: { json: email } }')
  t.equal(maskedText(instance, outer), JSON.stringify({ payload: '{"e":"j***@example.com"}' }))
  const shallow = { ...CONTEXT, limits: { ...CONTEXT.limits, nestedDocumentsMax: 1 } }
  t.equal(
    masked(instance, JSON.stringify(outer), shallow),
    JSON.stringify(JSON.stringify({ payload: R })),
  )
  const none = { ...CONTEXT, limits: { ...CONTEXT.limits, nestedDocumentsMax: 0 } }
  t.equal(masked(instance, JSON.stringify(outer), none), JSON.stringify(R))
})

test('base64 masks the text, or the leaves where it is a JSON object or array', async (t) => {
  const instance = operator('{ base64: email }')
  t.equal(inBase64(instance, 'jane@example.com'), 'j***@example.com')
  t.equal(inBase64(instance, '{"e":"jane@example.com"}'), '{"e":"j***@example.com"}')
  t.equal(inBase64(instance, '"jane@example.com"'), R)
  t.equal(inBase64(operator('{ base64: { keepLast: 4 } }'), '4111111111111234'), '***1234')
  t.equal(inBase64(operator('{ base64: { number: { round: 10 } } }'), '1234'), '1230')
  t.equal(inBase64(operator('{ base64: redact }'), 'Dear Jane,\n…'), R)
  t.equal(inBase64(operator('{ base64: { replace: 7 } }'), 'Jane'), '7')
  t.equal(inBase64(operator('{ base64: { replace: "null" } }'), '{"a":1}'), '{"a":"null"}')
  t.equal(
    inBase64(operator('{ base64: { json: email } }'), '"jane@example.com"'),
    '"j***@example.com"',
  )
  t.equal(
    inBase64(operator('{ base64: { base64: email } }'), encode('jane@example.com')),
    encode('j***@example.com'),
  )
  t.equal(inBase64(operator('{ base64: redact }'), '{not json'), R)
})

test('base64 writes the alphabet and padding that it found, without line breaks', async (t) => {
  const instance = operator('{ base64: { keepFirst: 2 } }')
  const text = '??>>~~ÿÿ secret'
  const source = Buffer.from(text)
  const expected = Buffer.from('??***')
  t.equal(maskedText(instance, source.toString('base64')), expected.toString('base64'))
  const bare = expected.toString('base64').replace(/=+$/, '')
  t.equal(maskedText(instance, source.toString('base64').replace(/=+$/, '')), bare)
  t.equal(maskedText(instance, source.toString('base64url')), expected.toString('base64url'))
  const wrapped = `${source.toString('base64').slice(0, 8)}\r\n${source.toString('base64').slice(8)}\n`
  t.equal(maskedText(instance, wrapped), expected.toString('base64'))
})

test('base64 redacts whole what is not canonical base64 of UTF-8 text', async (t) => {
  const instance = operator('{ base64: { keepLast: 4 } }')
  const refused = [
    'jane@example.com',
    'a',
    encode('jane@example.com').slice(0, -3),
    `${encode('jane doe lives here')}====`,
    ` ${encode('jane doe lives here')}`,
    'YR==',
    Buffer.from([0xff, 0xfe, 0xfd]).toString('base64'),
    encode('['.repeat(600)),
    '-_+/',
  ]
  for (const text of refused) t.equal(maskedText(instance, text), R, text.slice(0, 30))
  for (const json of ['12345678', 'true']) t.equal(masked(instance, json), JSON.stringify(R))
  for (const json of ['null', '""']) t.equal(masked(instance, json), json)
})

test('no leaf of a nested document survives redaction, however it is wrapped', async (t) => {
  const canary = fc.string({
    unit: fc.constantFrom(...'abcdefghijklmnopqrstuvwxyzé"\\\n'.split('')),
    minLength: 6,
    maxLength: 20,
  })
  const law = fc.property(canary, fc.jsonValue({ maxDepth: 3 }), (secret, other) => {
    fc.pre(!`secret list ${R}`.includes(secret))
    const text = JSON.stringify([other, { secret, list: [secret] }])
    const found = [
      decode(encode(maskedText(operator('{ json: redact }'), text))),
      inBase64(operator('{ base64: redact }'), text),
      inBase64(operator('{ base64: { json: redact } }'), JSON.stringify({ text })),
    ]
    const escaped = JSON.stringify(secret).slice(1, -1)
    return found.every((answer) => !answer.includes(secret) && !answer.includes(escaped))
  })
  t.doesNotThrow(() => fc.assert(law, { numRuns: 200 }))
})
