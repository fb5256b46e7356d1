/** The check digit of payment cards (ISO/IEC 7812-1, annex B). */

// What a digit counts at every other place.
const DOUBLED = [0, 2, 4, 6, 8, 1, 3, 5, 7, 9]

/** True where `values[from]` to `values[to - 1]` pass. */
export function passesLuhn(values: Uint8Array, from: number, to: number): boolean {
  let sum = 0
  let doubled = false
  for (let index = to - 1; index >= from; index -= 1) {
    const value = values[index] as number
    sum += doubled ? (DOUBLED[value] as number) : value
    doubled = !doubled
  }
  return sum % 10 === 0
}
