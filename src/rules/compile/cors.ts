/** Resolves the origins whose scripts may use the gateway. */
import { parseDuration } from '../../core/duration.ts'
import type { CorsRules } from '../compiled-policy.ts'
import type { PolicyDocument } from '../policy/document.ts'
import { PURPOSE_HEADER } from '../purpose/purpose.ts'
import { parseRouteTemplate } from '../routing/route-template.ts'
import type { Complaints } from './complaints.ts'
import { isOrigin, ORIGIN_HINT } from './origin.ts'

const HEADERS = ['authorization', 'content-type']
const EXPOSE = [
  'celosia-kept',
  'celosia-masked',
  'celosia-notice',
  'celosia-redacted',
  'celosia-request-id',
  'celosia-revealed',
  'retry-after',
  'www-authenticate',
]
const MAX_AGE_MS = 600_000
/** Longer than any browser keeps it. */
const MAX_AGE_MS_MAX = 86_400_000

/** Undefined where the policy lists none. */
export function compileCors(
  document: PolicyDocument,
  complaints: Complaints,
): CorsRules | undefined {
  const { cors } = document
  if (cors === undefined) return undefined
  for (const [index, origin] of cors.origins.entries()) {
    if (isOrigin(origin)) continue
    complaints.add(
      ['cors', 'origins', index],
      `\`${origin}\` is no origin as browsers write it`,
      ORIGIN_HINT,
    )
  }
  const maxAgeMs = cors.maxAge === undefined ? MAX_AGE_MS : (parseDuration(cors.maxAge) ?? 0)
  if (maxAgeMs > MAX_AGE_MS_MAX)
    complaints.add(['cors', 'maxAge'], 'a preflight is kept for 1d at most')
  return {
    origins: new Set(cors.origins),
    methods: methodsOf(document),
    headers: cors.headers ?? headersOf(document),
    expose: cors.expose ?? exposedBy(document),
    credentials: cors.credentials === true,
    maxAgeS: Math.floor(maxAgeMs / 1_000),
  }
}

function exposedBy(document: PolicyDocument): readonly string[] {
  const { identity } = document
  return [
    ...EXPOSE,
    ...(identity.dpop?.nonce === undefined ? [] : ['dpop-nonce']),
    ...csrfOf(document),
  ]
}

function csrfOf({ identity, session }: PolicyDocument): readonly string[] {
  const { cookie, tokenHeader } = identity
  return [cookie, tokenHeader, session].some((way) => way !== undefined) ? ['celosia-csrf'] : []
}

function headersOf(document: PolicyDocument): readonly string[] {
  const { identity, reveal, purposes } = document
  const derived = Object.values(purposes ?? {}).flatMap(({ derive }) =>
    (derive ?? []).map(({ header }) => header).filter((header) => header !== 'referer'),
  )
  return [
    ...HEADERS,
    ...(identity.dpop === undefined ? [] : ['dpop']),
    ...csrfOf(document),
    ...(reveal === undefined ? [] : ['celosia-reveal']),
    ...(purposes === undefined ? [] : [PURPOSE_HEADER, ...new Set(derived)]),
  ]
}

// Of all routes together, so that an answer tells nothing about a single path.
function methodsOf({ routes }: PolicyDocument): readonly string[] {
  const methods = new Set<string>()
  for (const { match } of routes) {
    const template = parseRouteTemplate(match)
    if (!('method' in template)) continue
    methods.add(template.method)
    if (template.method === 'GET') methods.add('HEAD')
  }
  return [...methods].toSorted()
}
