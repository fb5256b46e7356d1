/** The media type of an answer (RFC 9110 8.3), read strictly: what two readers could read differently is none. */

/** Type and subtype in lower case, with parameters by name in lower case. */
export interface MediaType {
  readonly essence: string
  readonly parameters: ReadonlyMap<string, string>
}

/** Longest header value that is looked at. */
const CHARS_MAX = 256
const TOKEN = "[a-z0-9!#$%&'*+.^_`|~-]+"
const ESSENCE = new RegExp(
  `^(${TOKEN}/${TOKEN})((?:[ \\t]*;[ \\t]*${TOKEN}=(?:${TOKEN}|"[^"\\\\]*"))*)[ \\t]*$`,
  'i',
)
const PARAMETER = new RegExp(`;[ \\t]*(${TOKEN})=(?:(${TOKEN})|"([^"\\\\]*)")`, 'gi')

/** The type that the header names, or undefined where it is missing, stands twice or is malformed. */
export function parseMediaType(
  header: string | readonly string[] | undefined,
): MediaType | undefined {
  if (typeof header !== 'string' || header.length > CHARS_MAX) return undefined
  const [, essence, rest] = ESSENCE.exec(header) ?? []
  if (essence === undefined || rest === undefined) return undefined
  const parameters = new Map<string, string>()
  for (const [, name = '', token, quoted = ''] of rest.matchAll(PARAMETER)) {
    const key = name.toLowerCase()
    if (parameters.has(key)) return undefined
    parameters.set(key, token ?? quoted)
  }
  return { essence: essence.toLowerCase(), parameters }
}

/** True where the only parameter, if any, says UTF-8. */
export function isPlainUtf8({ parameters }: MediaType): boolean {
  const charset = parameters.get('charset')
  return parameters.size === (charset === undefined ? 0 : 1) && isUtf8Name(charset)
}

function isUtf8Name(charset: string | undefined): boolean {
  return charset === undefined || charset.toLowerCase() === 'utf-8'
}
