/** Sealed texts: opened by the same owner at the same place in time, and by nobody else. */
import * as fc from 'fast-check'
import { test } from 'tap'
import { KeyInvalidError } from '../../src/keys/errors.ts'
import { createXChaChaSealer } from '../../src/keys/xchacha-sealer.ts'

const KEY = Buffer.from('000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f', 'hex')
const OTHER = Buffer.from('f0e1d2c3b4a5968778695a4b3c2d1e0f102132435465768798a9bacbdcedfe0f', 'hex')
const sealer = createXChaChaSealer({ key: KEY, version: 1, tenant: 'acme' })
const AT = { owner: '["issuer","agent-1"]', place: 'GET /tickets' }

test('what was sealed is opened until its time is over', (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.nat(), (text, until) => {
      const sealed = sealer.seal(text, AT, until + 1)
      return (
        sealer.open(sealed, AT, until) === text && sealer.open(sealed, AT, until + 1) === undefined
      )
    }),
  )
  t.equal(sealer.open(sealer.seal('', AT, 10), AT, 1), '')
  t.end()
})

test('it tells neither the text nor much of its length, and is another one each time', (t) => {
  const texts = ['', 'a', 'email=jane@example.com', 'x'.repeat(52)]
  const sealed = texts.map((text) => sealer.seal(text, AT, 10))
  t.equal(new Set(sealed.map((text) => text.length)).size, 1, 'up to 52 bytes they are as long')
  t.equal(new Set(Array.from({ length: 100 }, () => sealer.seal('a', AT, 10))).size, 100)
  for (const one of sealed) t.match(one, /^[A-Za-z0-9_-]{43,4096}$/)
  t.match(sealer.seal('é'.repeat(1_000), AT, 10), /^[A-Za-z0-9_-]{43,4096}$/, 'long ones fit too')
  t.end()
})

test('nobody else opens it, and nowhere else', (t) => {
  const sealed = sealer.seal('secret', AT, 10)
  const others = {
    'another owner': { ...AT, owner: '["issuer","agent-2"]' },
    'another place': { ...AT, place: 'GET /users' },
    'both as one': { owner: AT.owner + AT.place, place: '' },
  }
  for (const [name, at] of Object.entries(others))
    t.equal(sealer.open(sealed, at, 1), undefined, name)
  const foreign = [
    createXChaChaSealer({ key: OTHER, version: 1, tenant: 'acme' }),
    createXChaChaSealer({ key: KEY, version: 2, tenant: 'acme' }),
    createXChaChaSealer({ key: KEY, version: 1, tenant: 'other' }),
  ]
  for (const one of foreign) t.equal(one.open(sealed, AT, 1), undefined)
  t.equal(sealer.open(sealed, AT, 1), 'secret')
  t.end()
})

test('not a character of it can be changed', (t) => {
  const sealed = sealer.seal('secret', AT, 10)
  for (let at = 0; at < sealed.length; at += 1) {
    const changed = sealed.slice(0, at) + (sealed[at] === 'A' ? 'B' : 'A') + sealed.slice(at + 1)
    if (sealer.open(changed, AT, 1) !== undefined) t.fail(`at ${at}`)
  }
  for (const odd of [
    '',
    'a',
    `${sealed}=`,
    `${sealed}A`,
    ` ${sealed}`,
    sealed.slice(0, -1),
    sealed.slice(1),
    sealed.slice(0, 60),
    `${sealed}\n`,
    'é',
  ]) {
    t.equal(sealer.open(odd, AT, 1), undefined, JSON.stringify(odd))
  }
  fc.assert(
    fc.property(fc.string({ maxLength: 300 }), (text) => sealer.open(text, AT, 1) === undefined),
  )
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const versioned = Buffer.concat([Buffer.from([0, 0, 0, 1]), bytes]).toString('base64url')
      return sealer.open(versioned, AT, 1) === undefined
    }),
  )
  t.end()
})

test('a key that is none is refused', (t) => {
  for (const options of [
    { key: Buffer.alloc(32), version: 1, tenant: 'a' },
    { key: KEY.subarray(0, 31), version: 1, tenant: 'a' },
    { key: KEY, version: 0, tenant: 'a' },
    { key: KEY, version: 2 ** 32, tenant: 'a' },
    { key: KEY, version: 1, tenant: '' },
  ]) {
    t.throws(() => createXChaChaSealer(options), KeyInvalidError)
  }
  t.end()
})
