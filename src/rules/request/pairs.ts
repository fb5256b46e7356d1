/** Names and values as `application/x-www-form-urlencoded` writes them, read strictly: in query strings and in bodies. */

/** Pairs in one text. */
const PAIRS_MAX = 100
/** Printable ASCII without what no encoder leaves as it is: a quote and the beginning of a fragment. */
const ENCODED = /^[\x21\x24-\x7e]+$/
// oxlint-disable-next-line no-control-regex -- control characters are what is refused
const CONTROL = /[\u0000-\u001f\u007f]/
// oxlint-disable-next-line no-control-regex -- the same but for what white space of a text is made of
const CONTROL_IN_TEXT = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/

export type Pairs = readonly (readonly [name: string, value: string])[]

/**
 * Decoded names and values, in order; undefined where the text is not whole escapes of UTF-8, has an empty name or control
 * characters. `lines`: a value may have line breaks and tabs.
 */
export function parsePairs(
  text: string,
  { lines }: { readonly lines: boolean },
): Pairs | undefined {
  if (!ENCODED.test(text)) return undefined
  const parts = text.split('&')
  if (parts.length > PAIRS_MAX) return undefined
  const pairs: (readonly [string, string])[] = []
  for (const part of parts) {
    const equals = part.indexOf('=')
    const name = decode(equals === -1 ? part : part.slice(0, equals), CONTROL)
    const value = decode(
      equals === -1 ? '' : part.slice(equals + 1),
      lines ? CONTROL_IN_TEXT : CONTROL,
    )
    if (name === undefined || value === undefined || name === '') return undefined
    pairs.push([name, value])
  }
  return pairs
}

/** The pairs, written anew: one spelling for each. */
export function formatPairs(pairs: Pairs): string {
  return pairs
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join('&')
}

function decode(text: string, refused: RegExp): string | undefined {
  try {
    const decoded = decodeURIComponent(text.replaceAll('+', ' '))
    return refused.test(decoded) ? undefined : decoded
  } catch {
    return undefined
  }
}
