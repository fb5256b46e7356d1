/**
 * One canonical target from the raw request line. The path is split as it stands: nothing is decoded, joined or
 * resolved, and what would need it is refused. The caller's bytes are never forwarded; the path is built anew.
 */

/** Longest request target. */
const TARGET_CHARS_MAX = 8_192
/** Parameters in one query string. */
const PARAMETERS_MAX = 100
/** RFC 3986 pchar without percent-encoding and ";": each record has one spelling, so none is needed. */
const PATH = /^\/[A-Za-z0-9._~:@,+=!$'()*&/-]*$/

export interface Target {
  /** Path segments as they stand; an empty one means "//" or a "/" at the end, which no route has. */
  readonly parts: readonly string[]
  /** Decoded names and values, in order. */
  readonly parameters: readonly (readonly [name: string, value: string])[]
}

/** The target, or undefined where it is not in origin-form (RFC 9112 3.2.1) or not canonical. */
export function parseTarget(raw: string): Target | undefined {
  if (raw.length > TARGET_CHARS_MAX) return undefined
  const mark = raw.indexOf('?')
  const path = mark === -1 ? raw : raw.slice(0, mark)
  if (!PATH.test(path)) return undefined
  const parts = path.slice(1).split('/')
  if (parts.some((part) => part === '.' || part === '..')) return undefined
  const parameters = mark === -1 ? [] : parseQueryString(raw.slice(mark + 1))
  return parameters === undefined ? undefined : { parts, parameters }
}

// application/x-www-form-urlencoded, strictly: printable ASCII, whole escapes, UTF-8, no control characters.
function parseQueryString(text: string): (readonly [string, string])[] | undefined {
  if (!/^[\x21\x24-\x7e]*$/.test(text) || text === '') return undefined
  const pairs = text.split('&')
  if (pairs.length > PARAMETERS_MAX) return undefined
  const parameters: (readonly [string, string])[] = []
  for (const pair of pairs) {
    const equals = pair.indexOf('=')
    const name = decode(equals === -1 ? pair : pair.slice(0, equals))
    const value = decode(equals === -1 ? '' : pair.slice(equals + 1))
    if (name === undefined || value === undefined || name === '') return undefined
    parameters.push([name, value])
  }
  return parameters
}

function decode(text: string): string | undefined {
  try {
    const decoded = decodeURIComponent(text.replaceAll('+', ' '))
    // oxlint-disable-next-line no-control-regex -- control characters are what is refused
    return /[\u0000-\u001f\u007f]/.test(decoded) ? undefined : decoded
  } catch {
    return undefined
  }
}
