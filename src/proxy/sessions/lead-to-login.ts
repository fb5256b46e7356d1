/** A page that somebody opens without a session, or with too weak a login, is led to a login; a script is told what is missing. */
import type { Reason } from '../../core/reasons.ts'
import { formatPairs } from '../../rules/request/pairs.ts'
import { formatTarget } from '../../rules/request/target.ts'
import type { Exchange } from '../exchange.ts'
import { RefusedError } from '../refused.ts'
import type { Services } from '../services.ts'
import { returnPlace } from './return-to.ts'

const REASONS: ReadonlySet<Reason> = new Set([
  'token-missing',
  'session-ended',
  'token-revoked',
  'assurance-insufficient',
])

/** The error, or another one in its place with an address to go to. */
export function leadToLogin(
  error: unknown,
  { raw, target }: Exchange,
  { policy }: Services,
): unknown {
  const { session } = policy
  if (session === undefined || !(error instanceof RefusedError) || !REASONS.has(error.reason))
    return error
  const { 'sec-fetch-mode': mode, 'sec-fetch-dest': dest, 'sec-fetch-site': site } = raw.headers
  const opened = raw.method === 'GET' && mode === 'navigate' && dest === 'document'
  // Pages of others cause nothing here, with or without a session.
  if (!opened || site !== 'same-origin' || raw.headers.authorization !== undefined) return error
  const own = target && returnPlace(session.publicUri + formatTarget(target), session)
  if (own === undefined) return error
  const query = formatPairs([['return', own], ...challenged(error)])
  return new RefusedError(error.reason, {
    cause: error,
    status: 303,
    headers: { location: `${session.loginUri}?${query}`, 'referrer-policy': 'no-referrer' },
  })
}

// RFC 9470 3, as the gateway itself has written it.
function challenged({ headers }: RefusedError): [string, string][] {
  const challenge = headers['www-authenticate'] ?? ''
  return ['acr_values', 'max_age'].flatMap((name) => {
    const value = new RegExp(`${name}="([^"]*)"`).exec(challenge)?.[1]
    return value === undefined ? [] : [[name, value] as [string, string]]
  })
}
