/** Compares numbers by their decimal text, exactly: no double stands between, and no exponent is written out. */
import { strict as assert } from 'node:assert'

/** Digits, sign and point that a double always holds apart from their neighbours. */
const SMALL_CHARS_MAX = 15
const POWERS_OF_TEN = Array.from({ length: SMALL_CHARS_MAX + 1 }, (_, power) => 10 ** power)
const NUMBER = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/

/** A number as sign * 0.digits * 10^exponent; `digits` begins and ends with no zero and is empty for zero. */
interface Decimal {
  readonly sign: -1 | 0 | 1
  readonly digits: string
  readonly exponent: bigint
}

/** Negative, zero or positive as `a` is less than, equal to or greater than `b`; both are JSON numbers. */
export function compareDecimals(a: string, b: string): number {
  const left = toDecimal(a)
  const right = toDecimal(b)
  if (left.sign !== right.sign || left.sign === 0) return left.sign - right.sign
  return left.sign * compareMagnitudes(left, right)
}

/**
 * The value of a short number without an exponent, exact enough to be compared with another such; NaN for any other.
 * Up to fifteen digits, distinct decimals are distinct doubles in the same order.
 */
export function smallNumber(bytes: Uint8Array, start: number, end: number): number {
  if (end - start > SMALL_CHARS_MAX) return Number.NaN
  const negative = bytes[start] === 0x2d
  let digits = 0
  let point = -1
  for (let at = negative ? start + 1 : start; at < end; at += 1) {
    const byte = bytes[at] ?? 0
    if (byte >= 0x30 && byte <= 0x39) digits = digits * 10 + byte - 0x30
    else if (byte === 0x2e) point = at
    else return Number.NaN
  }
  const value = point < 0 ? digits : digits / (POWERS_OF_TEN[end - point - 1] ?? Number.NaN)
  return negative ? -value : value
}

function compareMagnitudes(a: Decimal, b: Decimal): number {
  if (a.exponent !== b.exponent) return a.exponent < b.exponent ? -1 : 1
  if (a.digits === b.digits) return 0
  return a.digits < b.digits ? -1 : 1
}

function toDecimal(text: string): Decimal {
  const [, minus, whole, fraction = '', exponent = '0'] = NUMBER.exec(text) ?? []
  assert(whole !== undefined, 'a JSON number')
  const all = whole + fraction
  let first = 0
  while (all[first] === '0') first += 1
  let last = all.length
  while (last > first && all[last - 1] === '0') last -= 1
  if (first === last) return { sign: 0, digits: '', exponent: 0n }
  return {
    sign: minus === '-' ? -1 : 1,
    digits: all.slice(first, last),
    exponent: BigInt(exponent.replace('+', '')) + BigInt(whole.length - first),
  }
}
