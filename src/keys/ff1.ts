/**
 * FF1 of NIST SP 800-38G for decimal digits: encrypts a number to a number of the same length. The block cipher is AES of
 * node:crypto; only the ten rounds around it are here.
 */
import { strict as assert } from 'node:assert'
import { Buffer } from 'node:buffer'
import { createCipheriv } from 'node:crypto'
import { TOKEN_DIGITS_MAX, TOKEN_DIGITS_MIN } from '../rules/tokenizer.ts'

const RADIX = 10
const ROUNDS = 10
const BLOCK_BYTES = 16
const DIGITS = new RegExp(`^[0-9]{${TOKEN_DIGITS_MIN},${TOKEN_DIGITS_MAX}}$`)

/** Both ways under one key. Digits are 6 to 56 of 0 to 9, the answer has as many; a tweak is any bytes, also none. */
export interface Ff1 {
  readonly encrypt: (digits: string, tweak: Uint8Array) => string
  readonly decrypt: (digits: string, tweak: Uint8Array) => string
}

/** `key` has 16, 24 or 32 bytes, and is copied. */
export function createFf1(key: Uint8Array): Ff1 {
  // Without chaining, since FF1 chains by itself: each block that goes in comes out at once.
  const cipher = createCipheriv(`aes-${key.length * 8}-ecb`, key, null).setAutoPadding(false)
  const aes: Aes = (block) => cipher.update(block)
  return {
    encrypt: (digits, tweak) => {
      const { sizes, moduli, halves } = split(digits)
      let [a, b] = halves
      const f = roundFunction(aes, sizes, tweak)
      for (let round = 0; round < ROUNDS; round += 1) {
        const c = (a + f(round, b)) % at(moduli, round)
        a = b
        b = c
      }
      return joined(a, b, sizes)
    },
    decrypt: (digits, tweak) => {
      const { sizes, moduli, halves } = split(digits)
      let [a, b] = halves
      const f = roundFunction(aes, sizes, tweak)
      for (let round = ROUNDS - 1; round >= 0; round -= 1) {
        const modulus = at(moduli, round)
        const c = (b - (f(round, a) % modulus) + modulus) % modulus
        b = a
        a = c
      }
      return joined(a, b, sizes)
    },
  }
}

type Aes = (block: Uint8Array) => Buffer

/** For the first half and the second, which is the longer one where they differ. */
type Pair<T> = readonly [T, T]

interface Split {
  readonly sizes: Pair<number>
  readonly moduli: Pair<bigint>
  readonly halves: Pair<bigint>
}

function split(digits: string): Split {
  assert.match(digits, DIGITS)
  const u = digits.length >> 1
  const v = digits.length - u
  return {
    sizes: [u, v],
    moduli: [10n ** BigInt(u), 10n ** BigInt(v)],
    halves: [BigInt(digits.slice(0, u)), BigInt(digits.slice(u))],
  }
}

function at(moduli: Pair<bigint>, round: number): bigint {
  return round % 2 === 0 ? moduli[0] : moduli[1]
}

function joined(a: bigint, b: bigint, [u, v]: Pair<number>): string {
  return `${a}`.padStart(u, '0') + `${b}`.padStart(v, '0')
}

/**
 * Steps 3 to 6.iv of Algorithm 7, the names P, Q, b and d as there: the number that a round adds, made of its number and one half.
 * With at most 56 digits, b is at most 12 and d at most 16: round and half fit into the last block of Q, so that all blocks before
 * it are enciphered once, and one block is enough for the number.
 */
function roundFunction(
  aes: Aes,
  [u, v]: Pair<number>,
  tweak: Uint8Array,
): (round: number, half: bigint) => bigint {
  const b = Math.ceil(Math.ceil(v * Math.log2(RADIX)) / 8)
  const d = 4 * Math.ceil(b / 4) + 4
  const p = Buffer.from([1, 2, 1, 0, 0, RADIX, ROUNDS, u, 0, 0, 0, u + v, 0, 0, 0, 0])
  p.writeUInt32BE(tweak.length, 12)
  const q = Buffer.alloc(Math.ceil((tweak.length + 1 + b) / BLOCK_BYTES) * BLOCK_BYTES)
  q.set(tweak)
  let chained = aes(p)
  const lastAt = q.length - BLOCK_BYTES
  for (let from = 0; from < lastAt; from += BLOCK_BYTES) {
    chained = aes(xor(chained, q.subarray(from, from + BLOCK_BYTES)))
  }
  const last = q.subarray(lastAt)
  return (round, half) => {
    last[BLOCK_BYTES - b - 1] = round
    last.write(half.toString(16).padStart(b * 2, '0'), BLOCK_BYTES - b, 'hex')
    return BigInt(`0x${aes(xor(chained, last)).toString('hex', 0, d)}`)
  }
}

function xor(one: Uint8Array, other: Uint8Array): Uint8Array {
  const result = new Uint8Array(BLOCK_BYTES)
  for (let index = 0; index < BLOCK_BYTES; index += 1) {
    result[index] = (one[index] ?? 0) ^ (other[index] ?? 0)
  }
  return result
}
