/** Texts that only the holder of a private key can read. */
import { generateKeyPairSync } from 'node:crypto'
import { test } from 'tap'
import { createTextDecrypter, encryptText } from '../../src/keys/encrypted-text.ts'
import { KeyInvalidError } from '../../src/keys/errors.ts'

function makeKeys(type: 'x25519' | 'ed25519' = 'x25519') {
  const { publicKey, privateKey } = generateKeyPairSync(type as 'x25519')
  return {
    key: publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
    pem: privateKey.export({ type: 'pkcs8', format: 'pem' }),
  }
}

test('a text comes back to the owner of the key, and to nobody else', async (t) => {
  const [own, other] = [makeKeys(), makeKeys()]
  const decrypter = createTextDecrypter(own.pem)
  for (const text of [
    '',
    'x',
    'The caller disputes the charge.',
    'Überzahlung 😀',
    '"\\ ',
    'x'.repeat(500),
  ]) {
    const jwe = await encryptText(text, own.key)
    t.equal(await decrypter.decrypt(jwe), text)
    t.notOk(text.length > 3 && jwe.includes(text))
    t.equal(await createTextDecrypter(other.pem).decrypt(jwe), undefined)
    t.not(await encryptText(text, own.key), jwe, 'each time another')
  }
  const { length } = await encryptText('x', own.key)
  for (const other of ['x'.repeat(200), '"\n'.repeat(60), 'ü'.repeat(100), '\u0001'.repeat(40)])
    t.equal((await encryptText(other, own.key)).length, length, 'the length tells little')
})

test('what is altered, or is no such text, is not read', async (t) => {
  const { key, pem } = makeKeys()
  const { decrypt } = createTextDecrypter(pem)
  const jwe = await encryptText('text', key)
  const parts = jwe.split('.')
  const changed = parts.map((_, index) =>
    parts.map((part, at) => (at === index ? `${part.slice(0, -3)}AAA` : part)).join('.'),
  )
  for (const bad of [
    '',
    'x',
    '....',
    'a.b.c',
    ...changed.filter((text) => text !== jwe),
    `${jwe}x.`,
  ])
    t.equal(await decrypt(bad), undefined, bad.slice(0, 20))
})

test('keys of other kinds are refused', async (t) => {
  const [own, signing] = [makeKeys(), makeKeys('ed25519')]
  for (const key of ['', 'x', signing.key, own.pem])
    await t.rejects(encryptText('x', key), KeyInvalidError)
  for (const pem of ['', 'x', signing.pem, own.key])
    t.throws(() => createTextDecrypter(pem), KeyInvalidError)
})
