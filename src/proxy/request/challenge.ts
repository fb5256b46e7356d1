/** What a client is told so that it can do better: challenges of RFC 6750, RFC 9449 and RFC 9470. */
import type { Reason } from '../../core/reasons.ts'
import type { Credential } from '../../identity/credential.ts'
import type { Subject } from '../../identity/subject.ts'
import type { AssuranceLevel, DpopRules } from '../../rules/trust.ts'

type Scheme = Credential['scheme']

/** One challenge (RFC 9110 11.6.1). The values must be free of quotes and backslashes. */
export function challenge(scheme: Scheme, parameters: Readonly<Record<string, string>>): string {
  const all = Object.entries({ realm: 'celosia', ...parameters })
  return `${scheme} ${all.map(([name, value]) => `${name}="${value}"`).join(', ')}`
}

/** The scheme by which the caller came. */
export function schemeOf({ proof }: Pick<Subject, 'proof'>): Scheme {
  return proof === undefined ? 'Bearer' : 'DPoP'
}

/** How the user must log in before the client asks again (RFC 9470 section 3). */
export function stepUp(
  scheme: Scheme,
  { acr, maxAgeSeconds }: AssuranceLevel,
): Record<string, string> {
  return {
    'www-authenticate': challenge(scheme, {
      error: 'insufficient_user_authentication',
      error_description: 'A different authentication level is required',
      ...(acr.length > 0 && { acr_values: acr.join(' ') }),
      ...(maxAgeSeconds !== undefined && { max_age: String(maxAgeSeconds) }),
    }),
  }
}

/**
 * What a caller is told whose token or proof is missing or bad: without credentials the schemes only, else what was bad (RFC 6750 3,
 * RFC 9449 7.1).
 */
export function authenticate(
  reason: Extract<Reason, 'token-missing' | 'token-invalid' | 'proof-invalid'>,
  dpop: DpopRules | undefined,
): Record<string, string> {
  const algs = dpop && { algs: dpop.algorithms.join(' ') }
  if (reason === 'proof-invalid')
    return { 'www-authenticate': challenge('DPoP', { error: 'invalid_dpop_proof', ...algs }) }
  const error = reason === 'token-invalid' ? { error: 'invalid_token' } : undefined
  const challenges = [
    challenge('Bearer', { ...error }),
    ...(dpop === undefined ? [] : [challenge('DPoP', { ...error, ...algs })]),
  ]
  return { 'www-authenticate': challenges.join(', ') }
}
