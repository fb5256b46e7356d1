/** Text that is shown from right to left although its characters are not (U+202E), in the order in which it is read. */
import type { Allowance, EncodedToken } from './encoded-tokens.ts'

const OVERRIDE = '\u202e'
/** What ends it: the end of the override, or of the line. */
const END = /[\u202c\u2029\n\r]/

/** The stretches, turned round. */
export function overrides(source: string, allowance: Allowance): readonly EncodedToken[] {
  if (!source.includes(OVERRIDE)) return []
  const turned: EncodedToken[] = []
  let at = source.indexOf(OVERRIDE)
  while (at !== -1) {
    if (!allowance.begin()) return turned
    const rest = source.slice(at + 1)
    const stop = rest.search(END)
    const end = stop === -1 ? source.length : at + 1 + stop
    const text = Array.from(source.slice(at + 1, end))
      .toReversed()
      .join('')
    if (text !== '') turned.push({ start: at + 1, end, text })
    at = source.indexOf(OVERRIDE, end)
  }
  return turned
}
