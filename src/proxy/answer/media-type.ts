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

/** Headers that are remembered with what they name: upstreams send few. */
const REMEMBERED_MAX = 100
const remembered = new Map<string, MediaType>()

/** The type that the header names, or undefined where it is missing, stands twice or is malformed. */
export function parseMediaType(
  header: string | readonly string[] | undefined,
): MediaType | undefined {
  if (typeof header !== 'string' || header.length > CHARS_MAX) return undefined
  const known = remembered.get(header)
  if (known !== undefined) return known
  const type = read(header)
  if (type !== undefined && remembered.size < REMEMBERED_MAX) remembered.set(header, type)
  return type
}

function read(header: string): MediaType | undefined {
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

/** True where the parameters say UTF-8, or nothing, and beside it at most what is `allowed`, in any case. */
export function hasOnlyUtf8(
  { parameters }: MediaType,
  allowed?: ReadonlyMap<string, string>,
): boolean {
  for (const [name, value] of parameters) {
    const only = name === 'charset' ? 'utf-8' : allowed?.get(name)
    if (value.toLowerCase() !== only) return false
  }
  return true
}

const CHARSET = /^[a-z0-9][a-z0-9._-]{0,39}$/

/** The type written anew: without any parameter but the charset. */
export function writtenType({ essence, parameters }: MediaType): string {
  const charset = parameters.get('charset')?.toLowerCase() ?? ''
  return CHARSET.test(charset) ? `${essence}; charset=${charset}` : essence
}
