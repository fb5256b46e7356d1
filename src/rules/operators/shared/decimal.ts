/** Numbers as JSON writes them, computed exactly: doubles would change large ids and small amounts. */

// RFC 8259 6. The bound on digits keeps the integers below small; the text itself is bounded by the caller.
const NUMBER = /^(-?)(0|[1-9]\d*)(?:\.(\d+))?(?:[eE]([+-]?\d{1,3}))?$/

/** Beyond the range of doubles, so that nothing of use is refused. */
const EXPONENT_MAX = 400

/** `coefficient` times ten to the `exponent`. */
export interface Decimal {
  readonly coefficient: bigint
  readonly exponent: number
}

/** Reads a JSON number; undefined where the text is none, or has an exponent beyond 400 either way. */
export function parseDecimal(text: string): Decimal | undefined {
  const match = NUMBER.exec(text)
  if (match === null) return undefined
  const [, sign, whole, fraction = '', power = '0'] = match
  const exponent = Number(power)
  if (Math.abs(exponent) > EXPONENT_MAX) return undefined
  return {
    coefficient: BigInt(`${sign}${whole}${fraction}`),
    exponent: exponent - fraction.length,
  }
}

/** The multiple of `step` (at least 1) next to the value, halves away from zero; or with `down` the one not above it. */
export function toMultiple(value: Decimal, step: bigint, down: boolean): bigint {
  const power = 10n ** BigInt(Math.abs(value.exponent))
  const numerator = value.exponent < 0 ? value.coefficient : value.coefficient * power
  const divisor = value.exponent < 0 ? step * power : step
  const quotient = down ? floor(numerator, divisor) : nearest(numerator, divisor)
  return quotient * step
}

function floor(numerator: bigint, divisor: bigint): bigint {
  const quotient = numerator / divisor
  return numerator < 0n && numerator % divisor !== 0n ? quotient - 1n : quotient
}

function nearest(numerator: bigint, divisor: bigint): bigint {
  const size = numerator < 0n ? -numerator : numerator
  const quotient = (2n * size + divisor) / (2n * divisor)
  return numerator < 0n ? -quotient : quotient
}
