/** JSON Pointer (RFC 6901) as far as JSON Patch needs it. */

/** Reference tokens of one pointer; a document has no use for more. */
const TOKENS_MAX = 256
const INDEX = /^(?:0|[1-9][0-9]{0,8})$/
const BAD_ESCAPE = /~(?![01])/

/** The decoded reference tokens, or undefined where the text is no JSON Pointer. */
export function parsePointer(text: string): readonly string[] | undefined {
  if (text === '') return []
  if (!text.startsWith('/') || BAD_ESCAPE.test(text)) return undefined
  const tokens = text.slice(1).split('/')
  if (tokens.length > TOKENS_MAX) return undefined
  return tokens.map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** The index that a token is for an array of `length` elements (RFC 6901 4), up to `length` itself; or undefined. */
export function indexOf(token: string, length: number): number | undefined {
  if (!INDEX.test(token)) return undefined
  const index = Number(token)
  return index <= length ? index : undefined
}
