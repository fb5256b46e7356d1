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

/** The same for many stretches of the same digits, each in constant time. */
export class LuhnSums {
  /** Sums of the digits before each: those at even places count doubled in the one, those at odd places in the other. */
  readonly #even: Int32Array
  readonly #odd: Int32Array

  constructor(digitsMax: number) {
    this.#even = new Int32Array(digitsMax + 1)
    this.#odd = new Int32Array(digitsMax + 1)
  }

  /** To be called before {@link passes}, for `values[0]` to `values[count - 1]`. */
  load(values: Uint8Array, count: number): void {
    let even = 0
    let odd = 0
    for (let index = 0; index < count; index += 1) {
      const value = values[index] as number
      const doubled = DOUBLED[value] as number
      const isEven = (index & 1) === 0
      even += isEven ? doubled : value
      odd += isEven ? value : doubled
      this.#even[index + 1] = even
      this.#odd[index + 1] = odd
    }
  }

  /** True where the digits from `from` to `to`, that one not included, pass. */
  passes(from: number, to: number): boolean {
    // The last digit counts as it is.
    const sums = (to & 1) === 0 ? this.#even : this.#odd
    return ((sums[to] as number) - (sums[from] as number)) % 10 === 0
  }
}
