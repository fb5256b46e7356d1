/** Where a browser may be sent in the end: to places of the policy, in the one spelling that browsers have for an address. */
import type { SessionRules } from '../../rules/trust.ts'

/** Longest address; it is kept in a cookie during the login. */
const ADDRESS_CHARS_MAX = 1_024

/** The address as it is sent on, or undefined where the policy does not list it. `given` undefined: the first one of the policy. */
export function returnPlace(
  given: string | undefined,
  { returnTo }: Pick<SessionRules, 'returnTo'>,
): string | undefined {
  const [first] = returnTo
  if (given === undefined) return first && first.origin + first.path
  const url = given.length <= ADDRESS_CHARS_MAX ? URL.parse(given) : null
  if (url === null || url.username !== '' || url.password !== '') return undefined
  const listed = returnTo.some(
    ({ origin, path }) =>
      url.origin === origin &&
      (path.endsWith('/') ? url.pathname.startsWith(path) : url.pathname === path),
  )
  // As it was read here, whatever else could be read into what was given.
  return listed ? url.href : undefined
}
