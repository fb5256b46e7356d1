/** Ends the session of a browser, here and at the identity provider. */
import { IssuerUnavailableError } from '../../identity/errors.ts'
import type { BrowserSession } from '../../identity/sessions/browser-session.ts'
import { SESSION_COOKIE } from '../../rules/compile/ambient.ts'
import type { Exchange } from '../exchange.ts'
import type { Notice } from '../outcome.ts'
import { revoke } from '../receivers/receive.ts'
import { RefusedError } from '../refused.ts'
import { cookieOf } from '../request/credential.ts'
import { noCookie } from './cookies.ts'
import { returnPlace } from './return-to.ts'
import { doorParameters } from './door.ts'
import type { DoorServices } from './door.ts'
import { refuseUnavailable, sessionOf } from './session-of.ts'

/** `POST /celosia/logout`, by a form of a listed page. Parameter: `return`. */
export async function logOut(exchange: Exchange, services: DoorServices): Promise<Notice> {
  const { policy, rules, sessions } = services
  const { origin, cookie: cookies } = exchange.raw.headers
  const trust = policy.ambient.find(({ kind }) => kind === 'session')
  // Browsers send an Origin with each POST.
  if (origin === undefined || trust?.origins.has(origin) !== true)
    throw new RefusedError('cross-site-refused')
  const returnTo = returnPlace(doorParameters(exchange, ['return']).get('return'), rules)
  if (returnTo === undefined) throw new RefusedError('parameter-undeclared')
  const cookie = cookieOf(cookies, SESSION_COOKIE)
  const session = cookie === undefined ? undefined : await sessionOf(cookie, exchange, services)
  if (session !== undefined) {
    await sessions.end(session.name).catch(refuseUnavailable)
    await revoke([draftOf(session)], 'session-logout', services)
  }
  return {
    status: 303,
    reason: 'logout-done',
    headers: {
      location: (await theirs(session, returnTo, services)) ?? returnTo,
      'referrer-policy': 'no-referrer',
    },
    cookies: [noCookie(SESSION_COOKIE)],
  }
}

// An answer that is under way is cut, too. Not by `sid`: whoever stays logged in at the identity provider can come again.
function draftOf({ name, subject }: BrowserSession) {
  return { issuer: subject.issuer, kind: 'token', value: name.id, untilS: 0 } as const
}

// A provider that is away does not keep anybody from being logged out here.
async function theirs(
  session: BrowserSession | undefined,
  returnTo: string,
  { login, log }: DoorServices,
): Promise<string | undefined> {
  if (session === undefined) return undefined
  try {
    return await login.logoutUrl(session.idToken, returnTo)
  } catch (error) {
    if (!(error instanceof IssuerUnavailableError)) throw error
    log.failure('a logout was not passed on to the identity provider', error)
    return undefined
  }
}
