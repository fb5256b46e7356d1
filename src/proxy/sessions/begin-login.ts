/** Sends a browser to the identity provider, and gives it what ties the answer to it. */
import { sealLogin } from '../../identity/sessions/browser-login.ts'
import { SESSION_COOKIE } from '../../rules/compile/ambient.ts'
import type { AssuranceLevel } from '../../rules/trust.ts'
import type { Exchange } from '../exchange.ts'
import type { Notice } from '../outcome.ts'
import { RefusedError } from '../refused.ts'
import { cookieOf } from '../request/credential.ts'
import { loginCookie, LOGIN_S } from './cookies.ts'
import { returnPlace } from './return-to.ts'
import { doorParameters } from './door.ts'
import type { DoorServices } from './door.ts'
import { sessionOf } from './session-of.ts'

/**
 * `GET /celosia/login`. Parameters: `return`, where to go afterwards; `acr_values` and `max_age`, as a challenge of the gateway has them
 * (RFC 9470), for a login that meets its level.
 */
export async function beginLogin(exchange: Exchange, services: DoorServices): Promise<Notice> {
  const { login, rules, sealer, clock } = services
  const parameters = doorParameters(exchange, ['return', 'acr_values', 'max_age'])
  const returnTo = returnPlace(parameters.get('return'), rules)
  if (returnTo === undefined) throw new RefusedError('parameter-undeclared')
  const level = levelAsked(parameters, services)
  const { url, pending } = await login.begin(level)
  const untilMs = clock.nowMs() + LOGIN_S * 1_000
  const cookie = cookieOf(exchange.raw.headers.cookie, SESSION_COOKIE)
  const before = cookie === undefined ? undefined : await sessionOf(cookie, exchange, services)
  const sealed = sealLogin(
    { ...pending, returnTo, level: level?.name, before: before?.name },
    untilMs,
    sealer,
  )
  return {
    status: 303,
    reason: 'login-begun',
    headers: { location: url, 'referrer-policy': 'no-referrer' },
    cookies: [loginCookie(sealed)],
  }
}

// Only what a challenge of this policy says: nobody makes up levels here.
function levelAsked(
  parameters: ReadonlyMap<string, string>,
  { policy, rules }: DoorServices,
): AssuranceLevel | undefined {
  const [acrValues, maxAge] = [parameters.get('acr_values'), parameters.get('max_age')]
  if (acrValues === undefined && maxAge === undefined) return rules.level
  const asked = [...policy.assurance.values()].find(
    ({ acr, maxAgeSeconds }) =>
      acr.join(' ') === (acrValues ?? '') && maxAgeSeconds?.toString() === maxAge,
  )
  if (asked === undefined) throw new RefusedError('parameter-undeclared')
  return asked
}
