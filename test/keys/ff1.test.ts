/** FF1 against the samples of NIST, and as a permutation. */
import * as fc from 'fast-check'
import { test } from 'tap'
import { createFf1 } from '../../src/keys/ff1.ts'

const KEY = Buffer.from('2b7e151628aed2a6abf7158809cf4f3cef4359d8d580aa4f7f036d6f04fc6a94', 'hex')
const TWEAK = Buffer.from('39383736353433323130', 'hex')
const NO_TWEAK = Buffer.alloc(0)

/** The samples with radix 10 of "FF1 Samples" (NIST, Examples with Intermediate Values), all of 0123456789. */
const SAMPLES: readonly (readonly [keyBytes: number, tweak: Buffer, ciphertext: string])[] = [
  [16, NO_TWEAK, '2433477484'],
  [16, TWEAK, '6124200773'],
  [24, NO_TWEAK, '2830668132'],
  [24, TWEAK, '2496655549'],
  [32, NO_TWEAK, '6657667009'],
  [32, TWEAK, '1001623463'],
]

const digits = fc.string({
  unit: fc.constantFrom(...'0123456789'.split('')),
  minLength: 6,
  maxLength: 56,
})
const tweaks = fc.uint8Array({ maxLength: 70 })

test('encrypt gives the samples of NIST SP 800-38G, and decrypt takes them back', async (t) => {
  for (const [keyBytes, tweak, ciphertext] of SAMPLES) {
    const ff1 = createFf1(KEY.subarray(0, keyBytes))
    t.equal(ff1.encrypt('0123456789', tweak), ciphertext)
    t.equal(ff1.decrypt(ciphertext, tweak), '0123456789')
  }
})

test('decrypt turns encrypt round, both ways, and one cipher serves many calls', async (t) => {
  const ff1 = createFf1(KEY)
  const law = fc.property(digits, tweaks, (text, tweak) => {
    const token = ff1.encrypt(text, tweak)
    return (
      token.length === text.length &&
      ff1.decrypt(token, tweak) === text &&
      ff1.encrypt(ff1.decrypt(text, tweak), tweak) === text
    )
  })
  t.doesNotThrow(() => fc.assert(law, { numRuns: 2_000 }))
})

test('what is too short to be safe, too long, or no digits is refused', async (t) => {
  const ff1 = createFf1(KEY)
  for (const text of ['', '12345', '1'.repeat(57), '12345x', '١٢٣٤٥٦', '-123456', '123456\n']) {
    t.throws(() => ff1.encrypt(text, TWEAK), JSON.stringify(text))
    t.throws(() => ff1.decrypt(text, TWEAK), JSON.stringify(text))
  }
  t.throws(() => createFf1(KEY.subarray(0, 20)))
})
