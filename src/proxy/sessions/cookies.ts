/** The two cookies of browsers that log in at the gateway: that of a session, and that of a login under way. */
import { SESSION_COOKIE } from '../../rules/compile/ambient.ts'

/** That of a login under way. */
export const LOGIN_COOKIE = '__Host-celosia-login'
/** How long a login may take. */
export const LOGIN_S = 600

// RFC 6265bis 4.1.3.2: such a name takes a cookie of this very host, over TLS, for all paths.
const OWN = 'Path=/; Secure; HttpOnly'

/** It ends with the browser, or with the session. No request of another site has it. */
export function sessionCookie(value: string): string {
  return `${SESSION_COOKIE}=${value}; ${OWN}; SameSite=Strict`
}

/** The browser comes back with it from the site of the identity provider. */
export function loginCookie(value: string): string {
  return `${LOGIN_COOKIE}=${value}; ${OWN}; SameSite=Lax; Max-Age=${LOGIN_S}`
}

/** Has the browser forget one. */
export function noCookie(name: string): string {
  return `${name}=; ${OWN}; SameSite=Strict; Max-Age=0`
}
