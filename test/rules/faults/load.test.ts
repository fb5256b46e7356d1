/** Policies on disk: what stands beside them, and the environment. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import type { Test } from 'tap'
import { loadPolicy } from '../../../src/cli/load-policy.ts'
import type { LoadOptions } from '../../../src/cli/load-policy.ts'
import { KeyInvalidError } from '../../../src/keys/errors.ts'
import { PolicyInvalidError } from '../../../src/rules/policy/fault.ts'
import type { PolicyFault } from '../../../src/rules/policy/fault.ts'
import { faultsOf, PRELUDE } from '../policy-text.ts'
import { BODY, checkFaults, route } from './table.ts'

const KEY = Buffer.from(Array.from({ length: 32 }, (_, index) => index * 7)).toString('base64')
const SUBJECTS = route('dataSubjects: [{ kind: user, at: $.user, id: "@.id" }]', 'fixture: none')
const GOOD = PRELUDE + BODY + SUBJECTS

function folder(t: Test, files: Readonly<Record<string, string>>): string {
  return t.testdir({ ...files })
}

function faultsIn(file: string, options: Partial<LoadOptions> = {}): readonly PolicyFault[] {
  try {
    loadPolicy({ environment: { CELOSIA_AUDIT_KEY: KEY }, mode: 'serve', ...options, file })
    return []
  } catch (error) {
    if (error instanceof PolicyInvalidError) return error.faults
    throw error
  }
}

test('a policy that cannot be read is refused', async (t) => {
  const base = folder(t, { 'policies.yaml': GOOD })
  t.same(faultsIn(join(base, 'policies.yaml')), [], 'it can')
  t.match(faultsIn(join(base, 'gone.yaml')), [{ line: 1, column: 1, message: /is not there/ }])
  t.match(faultsIn(base), [{ message: /cannot be read/ }], 'a folder')
  writeFileSync(join(base, 'big.yaml'), '#'.repeat(10_000_000))
  t.match(faultsIn(join(base, 'big.yaml')), [{ message: /larger than/ }], '10 MB')
  const found = faultsIn(join(base, 'gone.yaml'))[0]
  t.equal(found?.file, join(base, 'gone.yaml'), 'named as it was asked for')
})

test('a variable that is not set is a fault where it is served, and a note where it is written', async (t) => {
  const text = GOOD.replace(
    '"http://127.0.0.1:9" }',
    '"${DESK_URL}", headers: { a: "B ${TOKEN}" } }',
  )
  const file = join(folder(t, { 'policies.yaml': text }), 'policies.yaml')
  t.match(faultsIn(file), [
    { line: 2, column: 27, message: /DESK_URL is not set/ },
    { line: 2, message: /TOKEN is not set/ },
  ])
  const empty = { CELOSIA_AUDIT_KEY: KEY, DESK_URL: '', TOKEN: 'x' }
  t.match(faultsIn(file, { environment: empty }), [{ message: /DESK_URL/ }], 'empty is not set')
  const { notes, compiled } = loadPolicy({ file, environment: {}, mode: 'author' })
  t.match(notes, [/DESK_URL is not set here/, /TOKEN/, /random key/])
  t.equal(compiled.upstreams.get('desk')?.origin, 'http://unset.invalid')
  const environment = { CELOSIA_AUDIT_KEY: KEY, DESK_URL: 'https://desk.example/v1/', TOKEN: 'x' }
  const served = loadPolicy({ file, environment, mode: 'serve' }).compiled.upstreams.get('desk')
  t.match(served, { origin: 'https://desk.example', pathPrefix: '/v1', headers: { a: 'B x' } })
})

test('placeholders are filled once, in values only, and only from names that variables have', (t) => {
  checkFaults(t, [
    {
      name: 'names that no variable has',
      whole: `${PRELUDE.replace('"http://127.0.0.1:9" }', '▸"${desk-url}", headers: { a: ▸"${}", b: ▸"${__proto__}" } }') + BODY}  []\n`,
      says: [/`\$\{desk-url\}` does not name/, /`\$\{\}` does not name/, /__proto__/],
      hints: [/capitals/],
    },
    {
      name: 'a placeholder in a name',
      policy: `${BODY.replace('agent:', '▸"${ROLE}":')}  []\n`,
      environment: { ROLE: 'agent' },
      says: [/not a name allowed here/],
    },
    {
      name: 'a variable with a placeholder in it',
      whole: `${PRELUDE.replace('"http://127.0.0.1:9" }', '▸"${DESK_URL}" }') + BODY}  []\n`,
      environment: { DESK_URL: 'http://${TOKEN}.example', TOKEN: 'x' },
      says: [/DESK_URL has a placeholder/],
    },
    {
      name: 'a variable that would split a header',
      whole: `${PRELUDE.replace('"http://127.0.0.1:9" }', '"http://a.example", headers: { a: ▸"${TOKEN}" } }') + BODY}  []\n`,
      environment: { TOKEN: 'x\r\nb: c' },
      says: [/printable ASCII/],
    },
  ])
  const secret = 'sup3r\u0000secret'
  const text = `${PRELUDE.replace('"http://127.0.0.1:9" }', '"${URL}", headers: { a: "${TOKEN}" } }') + BODY}  []\n`
  const faults = faultsOf(text, { environment: { URL: secret, TOKEN: secret } })
  t.equal(faults.length, 2)
  t.notMatch(JSON.stringify(faults), /sup3r/, 'no fault repeats what a variable holds')
  t.end()
})

test('the hash of a policy is of its text, not of the secrets that fill it', async (t) => {
  const text = GOOD.replace('"http://127.0.0.1:9" }', '"${DESK_URL}" }')
  const file = join(folder(t, { 'policies.yaml': text }), 'policies.yaml')
  const load = (url: string) =>
    loadPolicy({ file, environment: { CELOSIA_AUDIT_KEY: KEY, DESK_URL: url }, mode: 'serve' })
  t.equal(load('http://a.example').compiled.sha256, load('http://b.example').compiled.sha256)
  t.match(load('http://a.example').compiled.sha256, /^[0-9a-f]{64}$/)
})

test('a key that is missing or weak is refused where it is served', async (t) => {
  const file = join(folder(t, { 'policies.yaml': GOOD }), 'policies.yaml')
  const weak = [
    '',
    'x',
    'c2hvcnQ=',
    'A'.repeat(44),
    '00'.repeat(32),
    `${KEY}!`,
    'password'.repeat(6),
  ]
  for (const text of weak) {
    const environment = { CELOSIA_AUDIT_KEY: text }
    t.throws(() => loadPolicy({ file, environment, mode: 'serve' }), KeyInvalidError, `"${text}"`)
  }
  t.throws(() => loadPolicy({ file, environment: {}, mode: 'serve' }), KeyInvalidError, 'none')
  t.ok(loadPolicy({ file, environment: {}, mode: 'author' }).auditPseudonymizer, 'a random one')
  try {
    loadPolicy({ file, environment: { CELOSIA_AUDIT_KEY: 'hunter2hunter2' }, mode: 'serve' })
  } catch (error) {
    t.notMatch(String(error), /hunter2/, 'no message repeats a key')
  }
  const inFile = GOOD.replace('env: CELOSIA_AUDIT_KEY', 'file: keys/audit')
  const base = folder(t, { 'policies.yaml': inFile })
  const keyed = join(base, 'policies.yaml')
  t.throws(() => loadPolicy({ file: keyed, environment: {}, mode: 'serve' }), KeyInvalidError)
  mkdirSync(join(base, 'keys'))
  writeFileSync(join(base, 'keys', 'audit'), `${KEY}\n`)
  t.ok(loadPolicy({ file: keyed, environment: {}, mode: 'serve' }).auditPseudonymizer)
  writeFileSync(join(base, 'keys', 'audit'), KEY.repeat(1_000))
  t.throws(() => loadPolicy({ file: keyed, environment: {}, mode: 'serve' }), KeyInvalidError)
})

test('fixtures and JWKS files are looked for beside the policy', async (t) => {
  const text = PRELUDE.replace(' roles: "', ' jwks: { file: jwks.json }, roles: "') + BODY
  const base = folder(t, {
    'policies.yaml':
      text + route('fields: { contact.email: $.email }', 'fixture: fixtures/../a.json'),
    'a.json': '{"email":"x"}',
  })
  const environment = { CELOSIA_AUDIT_KEY: KEY }
  const file = join(base, 'policies.yaml')
  const { compiled } = loadPolicy({ file, environment, mode: 'serve' })
  t.match(compiled.issuers, [{ keys: { kind: 'file', file: join(base, 'jwks.json') } }])
  writeFileSync(join(base, 'a.json'), '{"mail":"x"}')
  t.match(faultsIn(file), [{ message: /matches nothing/ }])
})
