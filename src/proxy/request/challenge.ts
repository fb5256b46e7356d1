/** What a client is told so that it can do better: challenges of RFC 6750 and RFC 9470. */
import type { AssuranceLevel } from '../../rules/trust.ts'

/** How the user must log in before the client asks again (RFC 9470 section 3). */
export function stepUp({ acr, maxAgeSeconds }: AssuranceLevel): Record<string, string> {
  const parameters = [
    'realm="celosia"',
    'error="insufficient_user_authentication"',
    'error_description="A different authentication level is required"',
    ...(acr.length > 0 ? [`acr_values="${acr.join(' ')}"`] : []),
    ...(maxAgeSeconds === undefined ? [] : [`max_age="${maxAgeSeconds}"`]),
  ]
  return { 'www-authenticate': `Bearer ${parameters.join(', ')}` }
}
