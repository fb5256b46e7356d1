/** Signatures of checkpoints: two kinds of keys, what is no key, and what does not verify. */
import { generateKeyPairSync } from 'node:crypto'
import { calculateJwkThumbprint, CompactSign, decodeProtectedHeader, generateKeyPair } from 'jose'
import { test } from 'tap'
import { createJwsSigner, createJwsVerifier } from '../../src/keys/jws-signer.ts'
import { jwksOf, newSigner, signingKeyPem } from '../helpers/signed-audit.ts'

const CLAIMS = { v: 1, text: 'línea' }

test('Ed25519 and P-256, in PEM and as a JWK', async (t) => {
  for (const [kind, algorithm] of [
    ['ed25519', 'Ed25519'],
    ['p256', 'ES256'],
  ] as const) {
    const signer = createJwsSigner({ text: signingKeyPem(kind), version: 3 })
    const jws = await signer.sign(CLAIMS, 'a-type')
    t.same(decodeProtectedHeader(jws), { alg: algorithm, kid: signer.keyId, typ: 'a-type' })
    const { kid, alg, use, ...jwk } = signer.publicJwk
    t.same([kid, alg, use], [signer.keyId, algorithm, 'sig'])
    t.equal(kid, await calculateJwkThumbprint(jwk))
    t.notOk('d' in signer.publicJwk, 'nothing of the private key')
    t.same(await createJwsVerifier(jwksOf(signer))(jws, 'a-type'), CLAIMS)
  }
  const { privateKey } = generateKeyPairSync('ed25519')
  const text = JSON.stringify(privateKey.export({ format: 'jwk' }))
  const signer = createJwsSigner({ text, version: 1 })
  t.same(await createJwsVerifier(jwksOf(signer))(await signer.sign(CLAIMS, 'x'), 'x'), CLAIMS)
})

test('what is no such key is refused, and nothing of it is repeated', async (t) => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
  const curve = generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey
  const { publicKey } = generateKeyPairSync('ed25519')
  const bad = [
    '',
    's3cr3t',
    '{"kty":"OKP","crv":"Ed25519","d":"s3cr3t"}',
    '{"s3cr3t',
    rsa.export({ type: 'pkcs8', format: 'pem' }),
    curve.export({ type: 'pkcs8', format: 'pem' }),
    publicKey.export({ type: 'spki', format: 'pem' }),
  ]
  for (const text of bad) {
    try {
      createJwsSigner({ text, version: 1 })
      t.fail('it was taken')
    } catch (error) {
      t.match(error, { code: 'ERR_KEY_INVALID', message: /openssl genpkey/, cause: undefined })
      t.notMatch(String(error), /s3cr3t/)
    }
  }
  for (const text of ['', '[]', '{"keys":{}}', 'x']) {
    t.throws(() => createJwsVerifier(text), { code: 'ERR_KEY_INVALID' }, text)
  }
})

test('another key, another type, another text and another algorithm do not verify', async (t) => {
  const [signer, other] = [newSigner(), newSigner()]
  const jws = await signer.sign(CLAIMS, 'right')
  const verify = createJwsVerifier(jwksOf(signer))
  t.same(await verify(jws, 'right'), CLAIMS)
  t.same(await createJwsVerifier(jwksOf(other, signer))(jws, 'right'), CLAIMS, 'one of several')
  const [header, payload, signature] = jws.split('.')
  const forged = Buffer.from('{"v":1,"text":"x"}').toString('base64url')
  const { privateKey } = await generateKeyPair('RS256')
  const foreign = await new CompactSign(Buffer.from('{}'))
    .setProtectedHeader({ alg: 'RS256', kid: signer.keyId, typ: 'right' })
    .sign(privateKey)
  const none = `${Buffer.from('{"alg":"none","typ":"right"}').toString('base64url')}.${payload}.`
  const bad = [
    await other.sign(CLAIMS, 'right'),
    `${header}.${forged}.${signature}`,
    `${header}.${payload}.${signature?.slice(0, -2)}`,
    foreign,
    none,
    '',
    'a.b.c',
    'x'.repeat(70_000),
  ]
  for (const text of bad) t.equal(await verify(text, 'right'), undefined, text.slice(0, 60))
  t.equal(await verify(jws, 'wrong'), undefined)
  t.equal(await createJwsVerifier('{"keys":[]}')(jws, 'right'), undefined)
  const list = await signer.sign([1] as never, 'right')
  t.equal(await verify(list, 'right'), undefined, 'claims are an object')
})
