/**
 * Cuts our own stored JSON text into the source text of its parts without reading a number, so that
 * ids over 2^53 are served digit for digit. It trusts that the text is JSON; foreign data has no
 * business here.
 */

/** The source text of each element of the array that `text` is. */
export function elementsOf(text: string): readonly string[] {
  return partsOf(text)
}

/**
 * Name and source text of each member of the object that `text` is. Names hold no escapes in our
 * data.
 */
export function membersOf(text: string): ReadonlyMap<string, string> {
  return new Map(
    partsOf(text).map((part) => {
      const nameEnd = stringEnd(part, 0)
      return [part.slice(1, nameEnd - 1), part.slice(part.indexOf(':', nameEnd) + 1).trim()]
    }),
  )
}

/** What stands between the commas of the outermost brackets. */
function partsOf(text: string): readonly string[] {
  const whole = text.trim()
  const parts: string[] = []
  let depth = 0
  let start = 1
  for (let at = 1; at < whole.length - 1; at += 1) {
    const character = whole[at]
    if (character === '"') at = stringEnd(whole, at) - 1
    else if (character === '{' || character === '[') depth += 1
    else if (character === '}' || character === ']') depth -= 1
    else if (character === ',' && depth === 0) {
      parts.push(whole.slice(start, at).trim())
      start = at + 1
    }
  }
  const last = whole.slice(start, -1).trim()
  return last === '' ? parts : [...parts, last]
}

/** The index after the closing quote of the string that opens at `at`. */
function stringEnd(text: string, at: number): number {
  let end = at + 1
  while (end < text.length && text[end] !== '"') end += text[end] === '\\' ? 2 : 1
  return end + 1
}
