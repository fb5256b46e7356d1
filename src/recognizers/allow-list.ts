/** Values that are nobody's: the company's own addresses, numbers of parcels. */

/** A text as allow-lists compare it: without case, blanks and the signs that numbers are grouped by. */
function comparable(text: string): string {
  return text.toLowerCase().replaceAll(/[\s()./-]/g, '')
}

/** True where an entry names a value: with nothing but `*` and signs it would allow everything. */
export function isAllowEntry(entry: string): boolean {
  return comparable(entry).replaceAll('*', '') !== ''
}

/**
 * True for the values of the list. An entry with `*` at its start or end stands for all values that end or begin so; see {@link isAllowEntry}.
 */
export function allowListOf(entries: readonly string[]): (text: string) => boolean {
  if (entries.length === 0) return () => false
  const whole = new Set<string>()
  const starts: string[] = []
  const ends: string[] = []
  for (const entry of entries) {
    const value = comparable(entry.replaceAll(/^\*|\*$/g, ''))
    if (value === '') throw new RangeError('an entry of an allow-list names a value')
    if (entry.startsWith('*')) ends.push(value)
    else if (entry.endsWith('*')) starts.push(value)
    else whole.add(value)
  }
  return (text) => {
    const value = comparable(text)
    return (
      whole.has(value) ||
      starts.some((start) => value.startsWith(start)) ||
      ends.some((end) => value.endsWith(end))
    )
  }
}
