/**
 * Cross-origin requests of browsers (Fetch Standard, CORS protocol): from the origins that the policy lists, exactly as it lists
 * them. Preflights are answered here and say nothing about routes; the upstream never sees one.
 */
import type { IncomingMessage } from 'node:http'
import type { CorsRules } from '../rules/compiled-policy.ts'
import type { Exchange } from './exchange.ts'
import { RefusedError } from './refused.ts'
import { hasBody } from './request/framing.ts'
import type { Services } from './services.ts'

const PREFLIGHT_VARY = 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers'

/** Sets the answer of a preflight. Throws {@link RefusedError} where its origin is not listed. */
export function checkPreflight(exchange: Exchange, { policy }: Services): void {
  const { raw } = exchange
  const { cors } = policy
  if (cors === undefined || !isPreflight(raw)) return
  if (hasBody(raw)) throw new RefusedError('body-unexpected')
  const shared = sharedHeaders(raw, cors)
  if (shared === undefined) throw new RefusedError('origin-refused')
  exchange.preflight = {
    ...shared,
    'access-control-allow-methods': cors.methods.join(', '),
    ...(cors.headers.length > 0 && { 'access-control-allow-headers': cors.headers.join(', ') }),
    'access-control-max-age': String(cors.maxAgeS),
    vary: PREFLIGHT_VARY,
  }
}

/** Headers of any other answer. `vary`: what the answer says already. */
export function corsHeaders(
  { raw, preflight }: Exchange,
  { policy }: Services,
  vary: string | undefined,
): Readonly<Record<string, string>> {
  const { cors } = policy
  // A preflight has its headers already.
  if (cors === undefined || preflight !== undefined) return {}
  const shared = sharedHeaders(raw, cors)
  return {
    // Also where the origin is not listed: the answer for one that is differs.
    vary: vary === undefined ? 'Origin' : `${vary}, Origin`,
    ...shared,
    ...(shared !== undefined && { 'access-control-expose-headers': cors.expose.join(', ') }),
  }
}

/** Undefined where the origin is not listed, or there is none. */
function sharedHeaders(raw: IncomingMessage, cors: CorsRules): Record<string, string> | undefined {
  const { origin } = raw.headers
  if (origin === undefined || !cors.origins.has(origin)) return undefined
  return {
    'access-control-allow-origin': origin,
    ...(cors.credentials && { 'access-control-allow-credentials': 'true' }),
  }
}

function isPreflight({ method, headers }: IncomingMessage): boolean {
  return (
    method === 'OPTIONS' &&
    headers.origin !== undefined &&
    headers['access-control-request-method'] !== undefined
  )
}
