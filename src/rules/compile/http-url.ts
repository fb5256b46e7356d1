/** Addresses of a policy: http or https, and nothing that belongs elsewhere. */
import type { PolicyPath } from '../policy/fault.ts'
import type { Place } from '../compiled-policy.ts'
import { hasPlaceholder } from '../policy/interpolate.ts'
import type { Complaints } from './complaints.ts'

/** Stands in for an address whose variable is not set, where only the policy itself is checked. */
const UNSET_URL = 'http://unset.invalid'

/** The address, or undefined after a complaint. */
export function httpUrl(path: PolicyPath, text: string, complaints: Complaints): URL | undefined {
  const url = URL.parse(hasPlaceholder(text) ? UNSET_URL : text)
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    complaints.add(path, 'this is not an http or https address')
    return undefined
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    complaints.add(
      path,
      'an address here has no user, query or fragment',
      'put credentials under headers',
    )
    return undefined
  }
  return url
}

/** An address as a place: its origin, and its path without a slash at the end. */
export function placeOf(url: URL): Place {
  return { origin: url.origin, pathPrefix: url.pathname.replace(/\/+$/, '') }
}
