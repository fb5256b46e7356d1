/**
 * Requests that a page of another site may have caused: where the browser brings the credential by itself, a request must say where
 * it comes from, and one that is not safe must have a token that only a page can know that could read an answer before.
 */
import type { Exchange } from '../exchange.ts'
import { RefusedError } from '../refused.ts'
import type { Services } from '../services.ts'

/** The header of the token, in requests and in answers. */
const TOKEN_HEADER = 'celosia-csrf'
/** How long a token can be used; each answer brings a new one. */
const TOKEN_MS = 43_200_000
const TOKEN_PLACE = 'csrf'
/** RFC 9110 9.2.1, those that routes can have. */
const SAFE: ReadonlySet<string | undefined> = new Set(['GET', 'HEAD'])

/** Whose pages may go on after a page of others was refused. */
const NOBODY: ReadonlySet<string> = new Set()

/** Throws {@link RefusedError}. Nothing is asked of a caller who brought its credential on purpose. */
export function refuseCrossSite(exchange: Exchange, services: Services): void {
  const { ambient, raw } = exchange
  if (ambient === undefined) return
  const { origin, 'sec-fetch-site': site } = raw.headers
  const safe = SAFE.has(raw.method)
  // Browsers send an Origin with all that is not safe, and none of a page that has to hide (Fetch 3.2).
  const listed = origin !== undefined && ambient.origins.has(origin)
  const own = origin === undefined && safe && site === 'same-origin'
  // An address that somebody typed has no page, and an origin beside it is made up.
  if ((!listed && !own) || site === 'none') {
    // Also no token for the next request; the record still tells how this one came.
    exchange.ambient = { ...ambient, origins: NOBODY }
    throw new RefusedError('cross-site-refused')
  }
  if (safe && exchange.match?.route.effect !== 'write') return
  const token = raw.headers[TOKEN_HEADER]
  const owner = ownerOf(exchange)
  const { sealer, clock } = services
  const opened =
    typeof token === 'string' &&
    sealer?.open(token, { owner, place: TOKEN_PLACE }, clock.nowMs()) === ''
  if (!opened) throw new RefusedError('csrf-token-missing')
}

/** The header with the token for the next request. Nothing where none is needed. */
export function csrfToken(
  exchange: Exchange,
  { sealer, clock }: Pick<Services, 'sealer' | 'clock'>,
): Record<string, string> {
  const { ambient, subject } = exchange
  if (ambient === undefined || subject === undefined || sealer === undefined) return {}
  if (ambient.origins === NOBODY) return {}
  const sealedFor = { owner: ownerOf(exchange), place: TOKEN_PLACE }
  return { [TOKEN_HEADER]: sealer.seal('', sealedFor, clock.nowMs() + TOKEN_MS) }
}

// Bound to the session, so that the token of one login is none in another.
function ownerOf({ subject }: Exchange): string {
  if (subject === undefined) throw new RefusedError('internal-error')
  return JSON.stringify([subject.issuer, subject.id, subject.sid ?? null])
}
