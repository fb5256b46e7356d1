/** Takes a browser that comes back from its login: a session of its own, always a new one, and on to where it was going. */
import { loginActivity } from '../../audit/login-activity.ts'
import { LoginError } from '../../identity/errors.ts'
import { openLogin } from '../../identity/sessions/browser-login.ts'
import { prepareSession } from '../../identity/sessions/browser-session.ts'
import type { Subject } from '../../identity/subject.ts'
import { knownRoles } from '../../rules/decide.ts'
import { formatPairs } from '../../rules/request/pairs.ts'
import { auditedSubject } from '../access-facts.ts'
import type { Exchange } from '../exchange.ts'
import type { Notice } from '../outcome.ts'
import { RefusedError } from '../refused.ts'
import { isRevoked } from '../revoked.ts'
import { cookieOf } from '../request/credential.ts'
import { LOGIN_COOKIE, noCookie, sessionCookie } from './cookies.ts'
import { returnPlace } from './return-to.ts'
import type { DoorServices } from './door.ts'
import { refuseUnavailable } from './session-of.ts'

/** `GET /celosia/callback`. */
export async function finishLogin(exchange: Exchange, services: DoorServices): Promise<Notice> {
  const { login, rules, sessions, sealer, clock } = services
  const { raw, target } = exchange
  const sealed = cookieOf(raw.headers.cookie, LOGIN_COOKIE)
  const pending = sealed === undefined ? undefined : openLogin(sealed, sealer, clock.nowMs())
  // A policy that came in between may list other places.
  const returnTo = pending && returnPlace(pending.returnTo, rules)
  if (pending === undefined || returnTo === undefined) throw new RefusedError('login-failed')
  const token = await login
    .finish(formatPairs(target?.parameters ?? []), pending)
    .catch((cause: unknown) => {
      if (cause instanceof LoginError) throw new RefusedError('login-failed', { cause })
      throw cause
    })
  const { level, before } = pending
  const { cookie, subject, begin } = prepareSession(token, services)
  // Else a page would send its browser round and round.
  const isTooWeak = level !== undefined && !subject.assurance.has(level)
  if (isTooWeak || isRevoked(subject, services)) throw new RefusedError('login-failed')
  await record(exchange, subject, services)
  await begin().catch(refuseUnavailable)
  if (before !== undefined) await sessions.end(before).catch(refuseUnavailable)
  return {
    status: 200,
    reason: 'login-done',
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    },
    cookies: [sessionCookie(cookie), noCookie(LOGIN_COOKIE)],
    body: pageTo(returnTo),
  }
}

// Before the browser has it: no session is without a record.
async function record(
  { requestId, address, claimedAddress }: Exchange,
  subject: Subject,
  { audit, policy, clock, ids }: DoorServices,
): Promise<void> {
  const { claimedRoles } = subject
  const roles = 'names' in claimedRoles ? knownRoles(policy, claimedRoles.names) : []
  await audit.append([
    loginActivity({
      id: ids(),
      timeMs: clock.nowMs(),
      requestId,
      subject: auditedSubject(subject, roles),
      address,
      claimedAddress,
      policy: policy.sha256,
    }),
  ])
}

// A redirect would be the last of a chain from another site: no cookie of the session would go along.
function pageTo(url: string): Buffer {
  const text = url
    .replaceAll('&', '&amp;')
    .replaceAll('"', '&quot;')
    .replaceAll('<', '&lt;')
    .replaceAll("'", '&#39;')
  return Buffer.from(
    `<!doctype html><title>Logged in</title><meta http-equiv="refresh" content="0; url=${text}"><a href="${text}">Go on</a>`,
  )
}
