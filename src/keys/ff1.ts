/** FF1 of NIST SP 800-38G for decimal digits: encrypts a number to a number of the same length, by @noble/ciphers. */
import { strict as assert } from 'node:assert'
import { FF1 } from '@noble/ciphers/ff1.js'
import { TOKEN_DIGITS_MAX, TOKEN_DIGITS_MIN } from '../rules/tokenizer.ts'

const RADIX = 10
/** AES-128, AES-192 and AES-256. */
const KEY_BYTES = new Set([16, 24, 32])
const DIGITS = new RegExp(`^[0-9]{${TOKEN_DIGITS_MIN},${TOKEN_DIGITS_MAX}}$`)

/** Both ways under one key. Digits are 6 to 56 of 0 to 9, the answer has as many; a tweak is any bytes, also none. */
export interface Ff1 {
  readonly encrypt: (digits: string, tweak: Uint8Array) => string
  readonly decrypt: (digits: string, tweak: Uint8Array) => string
}

/** `key` has 16, 24 or 32 bytes, and is copied. */
export function createFf1(key: Uint8Array): Ff1 {
  assert(KEY_BYTES.has(key.length), 'a key of AES')
  const own = Uint8Array.from(key)
  return {
    encrypt: (digits, tweak) => FF1(RADIX, own, tweak).encrypt(numbersOf(digits)).join(''),
    decrypt: (digits, tweak) => FF1(RADIX, own, tweak).decrypt(numbersOf(digits)).join(''),
  }
}

function numbersOf(digits: string): number[] {
  assert(DIGITS.test(digits), 'digits of a length that FF1 is used for')
  return Array.from(digits, Number)
}
