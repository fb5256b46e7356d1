/** Digits as the number that they are. */

/** The number that `values[from]` to `values[to - 1]` are, at most 15 digits. */
export function numberOf(values: Uint8Array, from: number, to: number): number {
  let number = 0
  for (let at = from; at < to; at += 1) number = number * 10 + (values[at] as number)
  return number
}
