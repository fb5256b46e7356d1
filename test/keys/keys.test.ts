/** Keys from text, and the pseudonyms made with them. */
import { createHmac, randomBytes } from 'node:crypto'
import { test } from 'tap'
import * as fc from 'fast-check'
import { exitCodeOf } from '../../src/core/errors.ts'
import { KeyInvalidError } from '../../src/keys/errors.ts'
import { createHmacPseudonymizer } from '../../src/keys/hmac-pseudonymizer.ts'
import { createKeyedHash } from '../../src/keys/keyed-hash.ts'
import { parseKey } from '../../src/keys/parse-key.ts'
import { CACHE_ENTRIES_MAX, PseudonymCache } from '../../src/keys/pseudonym-cache.ts'

const KEY = Buffer.from('000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f', 'hex')

function of(tenant: string, domain: string, value: string, key = KEY): string {
  return createHmacPseudonymizer({ key, version: 1, tenant }).pseudonym(domain, value)
}

function made(change: object): () => void {
  return () => createHmacPseudonymizer({ key: KEY, version: 1, tenant: 'acme', ...change })
}

test('a key of 32 bytes or more is read from hex, base64 and base64url, in the spellings of each', async (t) => {
  const keys = fc.uint8Array({ minLength: 32, maxLength: 80 }).map((bytes) => Buffer.from(bytes))
  const strong = keys.filter((bytes) => new Set(bytes).size >= 12)
  const law = fc.property(strong, (bytes) => {
    const texts = [
      bytes.toString('hex'),
      bytes.toString('hex').toUpperCase(),
      bytes.toString('base64'),
      bytes.toString('base64').replace(/=+$/, ''),
      bytes.toString('base64url'),
      ` ${bytes.toString('base64')}\n`,
    ]
    return texts.every((text) => parseKey(text).equals(bytes))
  })
  t.doesNotThrow(() => fc.assert(law))
})

test('short, weak and unreadable keys are refused, without a byte of them in the message', async (t) => {
  const refused = [
    '',
    ' ',
    KEY.subarray(0, 31).toString('hex'),
    KEY.subarray(0, 31).toString('base64'),
    // 22 bytes in hex are 33 in base64.
    KEY.subarray(0, 22).toString('hex'),
    `${KEY.toString('hex')}0`,
    Buffer.alloc(32).toString('base64'),
    Buffer.alloc(64, 0xa5).toString('hex'),
    Buffer.from('changemechangemechangemechangeme').toString('base64'),
    'correct horse battery staple correct horse',
    `${KEY.toString('base64')}=`,
    KEY.toString('base64').replace(/8=$/, '9='),
    `${KEY.toString('base64url').slice(0, -1)}+_`,
    KEY.toString('hex').repeat(100),
  ]
  for (const text of refused) {
    t.throws(() => parseKey(text), KeyInvalidError, JSON.stringify(text.slice(0, 80)))
    try {
      parseKey(text)
    } catch (error) {
      const { message } = error as Error
      t.notOk(text.trim() !== '' && message.includes(text.slice(0, 8)), message)
      t.equal(exitCodeOf(error), 5)
    }
  }
})

test('a keyed hash is HMAC-SHA256 over the length and the UTF-8 of each part', async (t) => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ minLength: 1_000, maxLength: 6_000 }),
  )
  const keys = fc.uint8Array({ minLength: 1, maxLength: 100 })
  const law = fc.property(keys, fc.array(text, { maxLength: 4 }), (key, parts) => {
    const reference = createHmac('sha256', key)
    for (const part of parts) {
      const bytes = Buffer.from(part)
      const length = Buffer.alloc(4)
      length.writeUInt32BE(bytes.length)
      reference.update(length).update(bytes)
    }
    return createKeyedHash(key)(parts) === reference.digest('base64url')
  })
  t.doesNotThrow(() => fc.assert(law, { numRuns: 300 }))
})

test('a keyed hash of one key is not disturbed by another, or by a longer message before', async (t) => {
  const one = createKeyedHash(KEY)
  const other = createKeyedHash(randomBytes(32))
  const before = one(['a'])
  other(['a'.repeat(10_000)])
  one(['b'.repeat(10_000)])
  t.equal(one(['a']), before)
  t.not(other(['a']), before)
})

test('a pseudonym has 22 characters and stays the same for ever', async (t) => {
  const pseudonymizer = createHmacPseudonymizer({ key: KEY, version: 3, tenant: 'acme' })
  t.equal(pseudonymizer.version, 3)
  t.match(pseudonymizer.pseudonym('contact.email', 'jane@example.com'), /^[A-Za-z0-9_-]{22}$/)
  // Written down once: another value here would make every stored pseudonym worthless.
  t.equal(pseudonymizer.pseudonym('contact.email', 'jane@example.com'), 't2wCLJgcsZEh7jvCkZhTSK')
  const again = createHmacPseudonymizer({ key: Buffer.from(KEY), version: 3, tenant: 'acme' })
  t.equal(again.pseudonym('contact.email', 'jane@example.com'), 't2wCLJgcsZEh7jvCkZhTSK')
})

test('key, tenant, domain and value each change the pseudonym, and none can stand in for another', async (t) => {
  const different = [
    of('a', 'b', 'c'),
    of('a', 'b', 'd'),
    of('a', 'd', 'c'),
    of('d', 'b', 'c'),
    of('ab', '', 'c'),
    of('a', '', 'bc'),
    of('a', 'bc', ''),
    of('a', 'b\0', 'c'),
    of('a', 'b', '\0c'),
    of('a', 'b', 'c', randomBytes(32)),
  ]
  t.equal(new Set(different).size, different.length)
})

test('a pseudonymizer is not made of a weak key, without a version, or without a tenant', async (t) => {
  t.doesNotThrow(made({}))
  for (const change of [
    { key: Buffer.alloc(32) },
    { key: KEY.subarray(0, 31) },
    { version: 0 },
    { version: 1.5 },
    { tenant: '' },
  ]) {
    t.throws(made(change), KeyInvalidError, JSON.stringify(change))
  }
})

test('the caller may wipe the key that it gave', async (t) => {
  const key = Buffer.from(KEY)
  const pseudonymizer = createHmacPseudonymizer({ key, version: 1, tenant: 'acme' })
  key.fill(0)
  t.equal(
    pseudonymizer.pseudonym('a', 'b'),
    createHmacPseudonymizer({ key: KEY, version: 1, tenant: 'acme' }).pseudonym('a', 'b'),
  )
})

test('the cache gives back what it was given, or nothing, and never holds more than its bound', async (t) => {
  const cache = new PseudonymCache()
  const total = CACHE_ENTRIES_MAX * 3
  let known = 0
  for (let i = 0; i < total; i += 1) cache.set(i % 2 === 0 ? 'a' : 'b', `v${i}`, `p${i}`)
  for (let i = 0; i < total; i += 1) {
    const found = cache.get(i % 2 === 0 ? 'a' : 'b', `v${i}`)
    if (found !== undefined) {
      known += 1
      if (found !== `p${i}`) t.fail(`v${i} is ${found}`)
    }
    if (cache.get(i % 2 === 0 ? 'b' : 'a', `v${i}`) !== undefined) t.fail('another domain')
  }
  t.ok(known <= CACHE_ENTRIES_MAX, `${known} known`)
  t.ok(known >= CACHE_ENTRIES_MAX / 2, `${known} known`)
})

test('what is asked for again and again stays in the cache; long values never enter it', async (t) => {
  const cache = new PseudonymCache()
  cache.set('a', 'hot', 'p')
  let misses = 0
  for (let i = 0; i < CACHE_ENTRIES_MAX * 4; i += 1) {
    cache.set('a', `cold${i}`, 'q')
    if (i % 100 === 0 && cache.get('a', 'hot') !== 'p') misses += 1
  }
  t.equal(misses, 0)
  cache.set('a', 'x'.repeat(257), 'p')
  t.equal(cache.get('a', 'x'.repeat(257)), undefined)
})
