/** How operators are named, found, built and refused. */
import { readdirSync } from 'node:fs'
import { test } from 'tap'
import { parse } from 'yaml'
import { exitCodeOf } from '../../../src/core/errors.ts'
import {
  OperatorParameterError,
  OperatorUnknownError,
} from '../../../src/rules/operators/errors.ts'
import { buildOperator, operatorByName, OPERATORS } from '../../../src/rules/operators/registry.ts'
import { ENVIRONMENT, operator } from './masking.ts'

const FOLDER = new URL('../../../src/rules/operators/', import.meta.url)
const NO_OPERATORS: ReadonlySet<string> = new Set(['errors.ts', 'mask-by-type.ts', 'registry.ts'])

/** These need no value to know what to write. */
const CONSTANT: ReadonlySet<string> = new Set(['suppress', 'redact', 'null', 'replace'])

function kebab(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

test('every file of the folder is one operator, registered under the name of the file', async (t) => {
  const files = readdirSync(FOLDER)
    .filter((file) => file.endsWith('.ts') && !NO_OPERATORS.has(file))
    .map((file) => file.slice(0, -'.ts'.length))
  t.ok(files.length > 15, `${files.length} files`)
  t.same(OPERATORS.map(({ name }) => kebab(name)).toSorted(), files.toSorted())
  t.equal(new Set(OPERATORS.map(({ name }) => name)).size, OPERATORS.length)
})

test('every operator is described, and its example builds it', async (t) => {
  for (const definition of OPERATORS) {
    t.match(definition.summary, /^[A-Z].*\.$/s, definition.name)
    t.equal(operatorByName(definition.name), definition)
    if (definition.name === 'scan') continue
    const instance = operator(definition.example)
    t.equal(instance.name, definition.name)
    t.ok(instance.id.startsWith(definition.name), instance.id)
    t.equal(operator(definition.example).id, instance.id)
  }
})

test('equal parameters give equal ids, different ones different ids', async (t) => {
  const masks = [
    'redact',
    '{ redact: { keepType: true } }',
    '{ keepLast: 4 }',
    '{ keepLast: 5 }',
    '{ keepBoth: [1, 2] }',
    '{ keepBoth: [2, 1] }',
    '{ replace: "1" }',
    '{ replace: 1 }',
    'card',
    '{ card: { bin: 6 } }',
    '{ number: { round: 100 } }',
    '{ number: { bucket: 100 } }',
    '{ json: card }',
    '{ base64: card }',
    '{ base64: { json: card } }',
    'pseudonymize',
    '{ pseudonymize: { form: email } }',
  ]
  t.equal(new Set(masks.map((mask) => operator(mask).id)).size, masks.length)
  t.equal(operator('card').id, operator('{ card: { last: 4 } }').id)
  t.equal(operator('url').id, operator('{ url: path }').id)
  const otherClass = { ...ENVIRONMENT, dataClass: 'contact.phone' }
  t.not(buildOperator('pseudonymize', otherClass).id, operator('pseudonymize').id)
})

test('only operators that let a part or a pseudonym leave are partial', async (t) => {
  const whole = new Set([...CONSTANT, 'json', 'base64'])
  for (const { name, example } of OPERATORS) {
    if (name !== 'scan') t.equal(operator(example).partial, !whole.has(name), name)
  }
  t.equal(operator('{ json: email }').partial, true)
  t.equal(operator('{ base64: { json: redact } }').partial, false)
})

test('containers are replaced whole by what needs no value, and walked by the others', async (t) => {
  for (const { name, example } of OPERATORS) {
    if (name === 'scan') continue
    t.equal(operator(example).container !== undefined, CONSTANT.has(name), name)
  }
})

test('wrong parameters are refused with the operator and an example in the message', async (t) => {
  const refused = [
    'keepLast',
    '{ keepLast: 0 }',
    '{ keepLast: 33 }',
    '{ keepLast: "4" }',
    '{ keepLast: 1.5 }',
    '{ keepLast: }',
    '{ keepBoth: [1] }',
    '{ keepBoth: [1, 2, 3] }',
    '{ email: { domain: drop } }',
    '{ email: { Domain: hide } }',
    '{ phone: true }',
    '{ phone: }',
    '{ suppress: {} }',
    '{ card: { bin: 8 } }',
    '{ card: { last: 5 } }',
    '{ card: { bin: 0, last: 0 } }',
    '{ url: host }',
    'date',
    '{ date: week }',
    'number',
    '{ number: {} }',
    '{ number: { round: 1 } }',
    '{ number: { round: 10, bucket: 10 } }',
    '{ replace: [a] }',
    '{ replace: .nan }',
    '{ replace: .inf }',
    '{ replace: 9007199254740993 }',
    'json',
    '{ json: suppress }',
    '{ base64: suppress }',
    '{ base64: { keepLast: 0 } }',
    '{ json: { json: { json: { json: { json: redact } } } } }',
    '{ redact: { keeptype: true } }',
    '{ pseudonymize: { form: long } }',
    '',
    '~',
    '4',
    'true',
    '[email]',
    '{}',
    '{ email: {}, phone: {} }',
  ]
  for (const mask of refused) t.throws(() => operator(mask), OperatorParameterError, mask)
  t.throws(() => operator('{ keepLast: 0 }'), {
    code: 'ERR_POLICY_INVALID',
    message: /^operator keepLast: .*\{ keepLast: 4 \}$/,
  })
  t.throws(() => operator('~'), { message: /mask: "null" in quotes/ })
})

test('unknown names are refused, also those that objects inherit, with a hint where one is near', async (t) => {
  for (const mask of [
    'tokenise',
    'constructor',
    '__proto__',
    '{ toString: 1 }',
    '"email "',
    '""',
  ]) {
    t.throws(() => buildOperator(parse(mask), ENVIRONMENT), OperatorUnknownError, mask)
  }
  t.throws(() => operator('keeplast'), { message: /did you mean keepLast\?/ })
  t.throws(() => operator('{ json: emial }'), OperatorUnknownError)
})

test('scan is refused for classes that nothing finds in text', async (t) => {
  t.throws(() => operator('{ scan: [payment.cart] }'), {
    message: 'operator scan: unknown class `payment.cart`; did you mean payment.card?',
  })
  t.throws(() => operator('{ scan: [text.note] }'), {
    message:
      'operator scan: nothing finds `text.note` in text; name recognizers or patterns under classes.text.note.find',
  })
  t.throws(() => operator('{ json: { scan: [nothing] } }'), OperatorParameterError)
})

test('pseudonymize and tokenize are refused without their keys', async (t) => {
  const environment = { ...ENVIRONMENT, pseudonymizer: undefined, tokenizer: undefined }
  t.throws(() => buildOperator('tokenize', environment), OperatorParameterError)
  t.throws(() => buildOperator('pseudonymize', environment), OperatorParameterError)
  t.throws(() => buildOperator({ json: 'pseudonymize' }, environment), OperatorParameterError)
  t.doesNotThrow(() => buildOperator('email', environment))
})

test('errors of operators end a command as errors of the policy', async (t) => {
  t.equal(exitCodeOf(new OperatorParameterError('')), 3)
  t.equal(exitCodeOf(new OperatorUnknownError('')), 3)
})
