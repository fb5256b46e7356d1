/**
 * Whether what the upstream was asked for fits the route that the audit names. Written apart from the gateway's own
 * routing on purpose: the oracle must not share its mistakes.
 */

// One spelling for a value: no dots alone, no separators, no escapes of what needs none (RFC 3986 2.3).
const UNRESERVED = '[A-Za-z0-9._~-]'
const ESCAPED = '%(?!2[EF]|5C|25|[01][0-9A-F]|7F|3[BF]|23)[0-9A-F]{2}'
const TYPES: Readonly<Record<string, string>> = {
  integer: '(?:0|[1-9][0-9]{0,18})',
  uuid: '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}',
  slug: '[A-Za-z0-9_-]{1,128}',
}
const ANY_VALUE = `(?!\\.{1,2}(?:/|$|\\?))(?:${UNRESERVED}|${ESCAPED})+`
const QUERY = `(?:\\?(?:[A-Za-z0-9._~!$'()*+,;:@/?=&\\[\\]-]|%[0-9A-F]{2})+)?`

/** True where method and target are ones that a route template such as `GET /users/{id:integer}` stands for. */
export function targetFits(template: string, method: string, target: string): boolean {
  const [wantedMethod, path = ''] = template.split(' ')
  // HEAD takes the route of GET (RFC 9110 9.3.2).
  const sameMethod = method === wantedMethod || (wantedMethod === 'GET' && method === 'HEAD')
  return sameMethod && patternOf(path).test(target)
}

function patternOf(path: string): RegExp {
  const source = path
    .split(/(\{[^{}]*\})/)
    .map((part) =>
      part.startsWith('{') ? parameterPattern(part.slice(1, -1)) : RegExp.escape(part),
    )
    .join('')
  return new RegExp(`^${source}${QUERY}$`)
}

function parameterPattern(parameter: string): string {
  const type = parameter.split(':')[1] ?? 'slug'
  const known = TYPES[type]
  if (known !== undefined) return known
  return type.includes('|') ? `(?:${type.split('|').map(RegExp.escape).join('|')})` : ANY_VALUE
}
