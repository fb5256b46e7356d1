/**
 * The JWS vectors of Wycheproof against the way that our tokens go: the form check, the key source, and jose with the
 * algorithms that a policy can name. Its payloads are no claims, so checks of claims play no part here.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { compactVerify, errors } from 'jose'
import { test } from 'tap'
import { systemClock } from '../../src/core/clock.ts'
import { parseJws } from '../../src/identity/compact-token.ts'
import { TokenError } from '../../src/identity/errors.ts'
import { createKeySource } from '../../src/identity/key-source.ts'
import { SIGNATURE_ALGORITHMS } from '../../src/rules/policy/schema-identity.ts'

const VECTORS = new URL('../../../shared/data/wycheproof/json_web_signature.json', import.meta.url)
const skip = existsSync(VECTORS)
  ? false
  : `the vectors are not at ${VECTORS.pathname}: json_web_signature.json of C2SP/wycheproof`

interface Group {
  readonly public?: { readonly kty: string; readonly alg?: string }
  readonly private?: { readonly kty: string }
  readonly tests: readonly Vector[]
}

interface Vector {
  readonly tcId: number
  readonly comment: string
  readonly jws: unknown
  readonly result: 'valid' | 'invalid'
}

/** Valid vectors that are refused on purpose, and why. */
const STRICTER: Readonly<Record<string, string>> = {
  emptyPayload: 'a token without claims is none',
  Figure20: 'the key is published for another algorithm than the header names',
  Figure27: 'the key is published for "ES521", which is no algorithm',
}

async function verifies(jws: string, jwksFile: string): Promise<boolean> {
  const keys = createKeySource({
    issuer: 'https://idp.example',
    keys: { kind: 'file', file: jwksFile },
    clock: systemClock,
  })
  try {
    parseJws(jws)
    const options = { algorithms: [...SIGNATURE_ALGORITHMS] }
    await compactVerify(jws, keys.keyFor, options)
    return true
  } catch (error) {
    const refused = error instanceof TokenError || error instanceof errors.JOSEError
    if (refused || error instanceof TypeError) return false
    throw error
  }
}

test('every invalid vector is refused, and valid ones are taken', { skip }, async (t) => {
  const { testGroups } = JSON.parse(readFileSync(VECTORS, 'utf8')) as { testGroups: Group[] }
  const count = { invalid: 0, valid: 0, stricter: 0, symmetric: 0, otherForm: 0 }
  for (const [index, { public: key, private: secret, tests }] of testGroups.entries()) {
    const published = key ?? secret
    const folder = t.testdir({ 'jwks.json': JSON.stringify({ keys: [published] }) })
    for (const { tcId, comment, jws, result } of tests) {
      const name = `${tcId} ${comment} (group ${index})`
      if (typeof jws !== 'string') {
        count.otherForm += 1
        continue
      }
      const taken = await verifies(jws, join(folder, 'jwks.json'))
      if (published?.kty === 'oct') {
        count.symmetric += 1
        t.equal(taken, false, `symmetric: ${name}`)
      } else if (result === 'invalid') {
        count.invalid += 1
        t.equal(taken, false, `refused: ${name}`)
      } else if (STRICTER[comment] !== undefined) {
        count.stricter += 1
        t.equal(taken, false, `${STRICTER[comment]}: ${name}`)
      } else {
        count.valid += 1
        t.equal(taken, true, `taken: ${name}`)
      }
    }
  }
  t.equal(count.invalid, 325, 'all invalid vectors with an asymmetric key')
  t.equal(count.symmetric, 40, 'no vector with a symmetric key is taken')
  t.ok(count.valid > 10, 'valid ones are there')
  t.comment(JSON.stringify(count))
})
