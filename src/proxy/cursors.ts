/** Sealed cursors, and for whom: bound to the subject, the tenant and the route that takes them back, for an hour. */
import type { Reader } from '../json/program-source.ts'
import type { DeclaredQuery } from '../rules/compiled-policy.ts'
import type { Pairs } from '../rules/request/pairs.ts'
import { isSealed } from '../rules/routing/parameter-types.ts'
import type { Exchange } from './exchange.ts'
import { RefusedError } from './refused.ts'
import type { Services } from './services.ts'

/** How long a cursor can be used: each page has a new one. */
const CURSOR_MS = 3_600_000

/** The subject of the exchange, as far as its answer may know. */
export function readerFor(exchange: Exchange, { sealer, clock }: Services): Reader {
  const untilMs = clock.nowMs() + CURSOR_MS
  return {
    seal:
      sealer && ((place, text) => sealer.seal(text, { owner: ownerOf(exchange), place }, untilMs)),
    said: said(exchange),
  }
}

const NOTHING_SAID: ReadonlyMap<string, string> = new Map()

// A cursor is known to the subject in its seal only.
function said({ match, parameters }: Exchange): ReadonlyMap<string, string> {
  if (parameters.length === 0) return NOTHING_SAID
  const query = match?.route.query
  return new Map(parameters.filter(([name]) => query === 'any' || !isSealed(query?.get(name))))
}

/**
 * The parameters with what was sealed opened. Throws {@link RefusedError} `cursor-refused` for what is altered, too old, or was sealed
 * for another subject or route.
 */
export function openSealed(
  parameters: Pairs,
  declared: DeclaredQuery,
  exchange: Exchange,
  { sealer, clock }: Services,
): Pairs {
  if (declared === 'any') return parameters
  const place = exchange.match?.route.template.text ?? ''
  return parameters.map(([name, value]) => {
    if (!isSealed(declared.get(name))) return [name, value]
    const text = sealer?.open(value, { owner: ownerOf(exchange), place }, clock.nowMs())
    if (text === undefined) throw new RefusedError('cursor-refused')
    return [name, text]
  })
}

function ownerOf({ subject }: Exchange): string {
  if (subject === undefined) throw new RefusedError('internal-error')
  return JSON.stringify([subject.issuer, subject.id])
}
