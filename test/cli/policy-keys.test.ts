/** The keys that a policy names: read for serving, stood in for by random ones where only the policy is tried. */
import { join } from 'node:path'
import { test } from 'tap'
import { loadPolicy } from '../../src/cli/load-policy.ts'
import { maskDocument } from '../../src/json/program.ts'
import { KeyInvalidError } from '../../src/keys/errors.ts'

const KEY = '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f'

const POLICY = `version: 1
tenant: acme
upstreams: { desk: { url: "http://127.0.0.1:9" } }
identity:
  issuers:
    - { issuer: "http://127.0.0.1:9", audience: celosia, algorithms: [ES256], roles: "$.roles[*]" }
keys:
  pseudonym: { version: 1, env: PSEUDONYM_KEY }
  token: { version: 2, file: token.key }
classes: { payment.card: { mask: { tokenize: { keepLast: 4 } } } }
roles: { agent: {} }
routes:
  - match: GET /cards
    upstream: desk
    unlisted: mask
    keys: { mask: $ }
    fields: { payment.card: $.* }
    fixture: none
`

function masked(file: string, environment: Readonly<Record<string, string>>): string {
  const { compiled } = loadPolicy({ file, environment, mode: 'serve' })
  const masking = compiled.routeList[0]?.maskingFor(['agent'])
  if (masking === undefined) throw new Error('the policy has one route')
  return maskDocument(
    masking.program,
    Buffer.from('{"jane":"4111 1111 1111 1111"}'),
  ).bytes.toString()
}

test('tokens and names are made with the keys of the policy, from a file and from the environment', async (t) => {
  const folder = t.testdir({ 'p.yaml': POLICY, 'token.key': `${KEY}\n` })
  const answer = masked(join(folder, 'p.yaml'), { PSEUDONYM_KEY: KEY })
  t.match(answer, /^\{"[A-Za-z0-9_-]{22}":"9542 7107 9853 1111"\}$/)
  t.equal(masked(join(folder, 'p.yaml'), { PSEUDONYM_KEY: KEY }), answer)
})

test('a key that is not there is refused for serving, and a note for authors', async (t) => {
  const folder = t.testdir({ 'p.yaml': POLICY })
  const file = join(folder, 'p.yaml')
  t.throws(() => masked(file, { PSEUDONYM_KEY: KEY }), KeyInvalidError)
  const { notes } = loadPolicy({ file, environment: {}, mode: 'author' })
  t.same(notes, [
    'keys.pseudonym is not here; pseudonyms of this run come from a random key',
    'keys.token is not here; tokens of this run come from a random key',
  ])
})

test('a key that is none is refused in every mode', async (t) => {
  const folder = t.testdir({ 'p.yaml': POLICY, 'token.key': 'changeme' })
  const file = join(folder, 'p.yaml')
  for (const mode of ['serve', 'author'] as const) {
    t.throws(
      () => loadPolicy({ file, environment: { PSEUDONYM_KEY: KEY }, mode }),
      { code: 'ERR_KEY_INVALID', message: /^keys\.token \(token\.key\)/ },
      mode,
    )
  }
})
