/** Logout tokens of OpenID Connect Back-Channel Logout 1.0: who was logged out, as the issuer has signed it. */
import type { Clock } from '../../core/clock.ts'
import type { Issuer } from '../../rules/trust.ts'
import { parseCompactToken } from '../compact-token.ts'
import type { TokenTypes } from '../compact-token.ts'
import { TokenError } from '../errors.ts'
import type { IssuerKeys } from '../issuer-keys.ts'
import { verifySignature } from '../signed-token.ts'
import { isObject } from '../strict-json.ts'
import type { Claims } from '../strict-json.ts'
import { idOf } from '../token-claims.ts'
import type { RevocationDraft } from './revocation.ts'

const LOGOUT_EVENT = 'http://schemas.openid.net/event/backchannel-logout'
/** Section 2.4 recommends `logout+jwt`; the event is what tells it from other tokens. */
const TYPES: TokenTypes = new Set(['logout+jwt', 'jwt', undefined])

export interface LogoutTokenOptions {
  readonly issuers: readonly Issuer[]
  readonly keys: IssuerKeys
  readonly clock: Clock
}

/** Section 2.6. Throws TokenError where the token is not good, IssuerUnavailableError where that cannot be known. */
export async function readLogoutToken(
  text: string,
  { issuers, keys, clock }: LogoutTokenOptions,
): Promise<RevocationDraft> {
  const token = parseCompactToken(text)
  const { claims } = token
  const issuer = issuers.find((entry) => entry.issuer === claims['iss'])
  if (issuer?.logout === undefined) throw invalid('the issuer may not log anybody out')
  await verifySignature(
    token,
    {
      issuer: issuer.issuer,
      audience: issuer.logout.audience,
      algorithms: issuer.logout.algorithms,
      keys: keys.of(issuer),
      types: TYPES,
      requiredClaims: ['iat', 'exp', 'jti', 'events'],
      ageSecondsMax: undefined,
    },
    clock,
  )
  return draftOf(claims, issuer.issuer)
}

function draftOf(claims: Claims, issuer: string): RevocationDraft {
  const { events, nonce, iat } = claims
  if (!isObject(events) || !isObject(events[LOGOUT_EVENT])) throw invalid('the token is no logout')
  // With a nonce it would pass for an ID token.
  if (nonce !== undefined) throw invalid('a logout token has no nonce')
  if (typeof iat !== 'number' || idOf(claims['jti']) === undefined)
    throw invalid('the token has no time or no id')
  const [sid, sub] = [idOf(claims['sid']), idOf(claims['sub'])]
  for (const name of ['sid', 'sub'] as const) {
    if (claims[name] !== undefined && idOf(claims[name]) === undefined)
      throw invalid(`the claim ${name} is malformed`)
  }
  if (sid !== undefined) return { issuer, kind: 'session', value: sid, untilS: 0 }
  if (sub !== undefined) return { issuer, kind: 'subject', value: sub, untilS: iat }
  throw invalid('the token names neither a session nor a subject')
}

function invalid(message: string): TokenError {
  return new TokenError('token-invalid', message)
}
