/**
 * The check digit of card numbers (ISO/IEC 7812-1, annex B), apart from the product's own, so that
 * neither hides the other's fault.
 */

/** True where the last digit fits the ones before it. `digits` holds decimal digits only. */
export function passesLuhn(digits: string): boolean {
  let sum = 0
  for (let place = 0; place < digits.length; place += 1) {
    const digit = Number(digits[digits.length - 1 - place])
    const weighed = place % 2 === 1 ? digit * 2 : digit
    sum += weighed > 9 ? weighed - 9 : weighed
  }
  return sum % 10 === 0
}

/** `digits` and the one digit that makes the whole pass. */
export function withCheckDigit(digits: string): string {
  for (let check = 0; check < 10; check += 1) {
    if (passesLuhn(`${digits}${check}`)) return `${digits}${check}`
  }
  throw new RangeError('not decimal digits')
}
