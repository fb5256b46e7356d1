/** The session that a request comes with, and who its subject is. */
import { SessionsUnavailableError } from '../../identity/errors.ts'
import { findSession } from '../../identity/sessions/browser-session.ts'
import type { BrowserSession } from '../../identity/sessions/browser-session.ts'
import type { Subject } from '../../identity/subject.ts'
import type { Exchange } from '../exchange.ts'
import { RefusedError } from '../refused.ts'
import { authenticate } from '../request/challenge.ts'
import type { Services } from '../services.ts'
import { STORES_TOO_SLOW, withinStoreBudget } from '../store-budget.ts'

/** Throws {@link RefusedError} where there is no such session, or nobody knows. */
export async function subjectOfSession(
  cookie: string,
  exchange: Exchange,
  services: Services,
): Promise<Subject> {
  const session = await sessionOf(cookie, exchange, services)
  if (session === undefined)
    throw new RefusedError('session-ended', {
      headers: authenticate('token-missing', services.policy.dpop),
    })
  return session.subject
}

/** The session, or undefined where it has ended. Throws {@link RefusedError} where nobody knows. */
export async function sessionOf(
  cookie: string,
  exchange: Exchange,
  services: Services,
): Promise<BrowserSession | undefined> {
  return withinStoreBudget(exchange, services, {
    work: () => findSession(cookie, services),
    late: () => new SessionsUnavailableError(STORES_TOO_SLOW),
  }).catch(refuseUnavailable)
}

/** Throws a {@link RefusedError} in place of what the store has thrown. */
export function refuseUnavailable(cause: unknown): never {
  if (cause instanceof SessionsUnavailableError)
    throw new RefusedError('sessions-unavailable', { cause })
  throw cause
}
