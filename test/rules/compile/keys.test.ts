/** What a policy needs keys for: refused at load where the key is missing, and dictionaries held against the fixture. */
import { test } from 'tap'
import { compilePolicy } from '../../../src/rules/compile/compile-policy.ts'
import { PolicyInvalidError } from '../../../src/rules/policy/fault.ts'
import type { PolicyFault } from '../../../src/rules/policy/fault.ts'
import { parsePolicy } from '../../../src/rules/policy/parse-policy.ts'
import { compileText, faultsOf, FILE, PRELUDE } from '../policy-text.ts'

const ROLES = 'roles: { agent: {} }\n'
const NO_KEYS = { pseudonymizer: undefined, tokenizer: undefined }

/** The faults of a policy whose keys are not configured. */
function faultsWithoutKeys(text: string): readonly PolicyFault[] {
  try {
    const parsed = parsePolicy({ file: FILE, bytes: Buffer.from(text), environment: {} })
    compilePolicy({ parsed, keys: NO_KEYS, readFixture: () => undefined })
    return []
  } catch (error) {
    if (error instanceof PolicyInvalidError) return error.faults
    throw error
  }
}

function dictionary(keys: string, fixture = 'fixtures/a.json'): string {
  return `${PRELUDE}classes: {}
${ROLES}routes:
  - match: GET /user
    upstream: desk
    keys: ${keys}
    fixture: ${fixture}
`
}

const FIXTURES = {
  fixtures: { 'fixtures/a.json': '{"people":{"jane":{}},"list":[{}],"name":"x"}' },
}

test('tokenize and pseudonymize are faults of the policy where their key is not configured', async (t) => {
  for (const mask of ['tokenize', '{ tokenize: { keepLast: 4 } }', 'pseudonymize']) {
    const text = `${PRELUDE}classes: { payment.card: { mask: ${mask} } }\n${ROLES}routes: []\n`
    t.match(faultsWithoutKeys(text), [
      { code: 'ERR_POLICY_INVALID', line: 8, message: /needs a key/ },
    ])
    t.ok(compileText(text))
  }
})

test('a route that masks member names is refused without a key for pseudonyms', async (t) => {
  const faults = faultsWithoutKeys(dictionary('{ mask: $.people }', 'none'))
  t.match(faults, [{ line: 13, message: /there is no key/, hint: /keys: { pseudonym:/ }])
  t.equal(faults.length, 1)
})

test('each query for member names must select an object in the fixture', async (t) => {
  t.same(faultsOf(dictionary('{ mask: [$.people, "$.list[*]", $] }'), FIXTURES), [])
  t.same(faultsOf(dictionary('{ mask: $.* }'), FIXTURES), [])
  const faults = faultsOf(dictionary('{ mask: [$.people, $.list, $.name, $.gone] }'), FIXTURES)
  t.match(
    faults.map(({ message }) => message),
    [
      /`\$\.list` selects no object/,
      /`\$\.name` selects no object/,
      /`\$\.gone` selects no object/,
    ],
  )
  t.match(faultsOf(dictionary('{ mask: $.gone }'), FIXTURES), [{ line: 13 }])
})

test('a route that only masks member names needs a fixture, or says none aloud', async (t) => {
  const text = dictionary('{ mask: $.people }').replace(/ {4}fixture.*\n/, '')
  t.match(faultsOf(text), [{ message: /no fixture/ }])
  t.same(faultsOf(dictionary('{ mask: $.people }', 'none')), [])
})

test('other forms of keys in a route are refused', async (t) => {
  for (const keys of [
    'mask',
    '{}',
    '{ show: $.a }',
    '{ mask: [] }',
    '{ mask: { a: $.a } }',
    '{ mask: $[ }',
  ]) {
    t.ok(faultsOf(dictionary(keys, 'none')).length > 0, keys)
  }
})

test('a key for tokens comes from exactly one place', async (t) => {
  for (const key of ['{ version: 1 }', '{ version: 1, env: A, file: b }']) {
    const text = `${PRELUDE.replace('keys: {', `keys: { token: ${key},`)}classes: {}\n${ROLES}routes: []\n`
    t.match(faultsOf(text), [{ message: /exactly one of `env` and `file`/ }])
  }
})
