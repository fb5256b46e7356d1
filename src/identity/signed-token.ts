/** The signature of a JWS, by keys, algorithms, issuer and audience of the policy. What its claims say is checked elsewhere. */
import { errors, jwtVerify } from 'jose'
import type { JWTVerifyOptions } from 'jose'
import type { Clock } from '../core/clock.ts'
import { checkType } from './compact-token.ts'
import type { CompactToken, TokenTypes } from './compact-token.ts'
import { IssuerUnavailableError, TokenError } from './errors.ts'
import type { KeySource } from './key-source.ts'
import { SKEW_S } from './token-claims.ts'

export interface SignatureTrust {
  readonly issuer: string
  readonly audience: string
  readonly algorithms: readonly string[]
  readonly keys: Pick<KeySource, 'keyFor'>
  readonly types: TokenTypes
  /** Claims that must be there beside `iss` and `aud`. */
  readonly requiredClaims: readonly string[]
  /** From `iat` on; undefined: any age. */
  readonly ageSecondsMax: number | undefined
}

/** Resolves where the signature is good. Throws TokenError, or IssuerUnavailableError where that cannot be known. */
export async function verifySignature(
  token: CompactToken,
  trust: SignatureTrust,
  clock: Clock,
): Promise<void> {
  checkType(token, trust.types)
  const options: JWTVerifyOptions = {
    algorithms: [...trust.algorithms],
    issuer: trust.issuer,
    audience: trust.audience,
    requiredClaims: [...trust.requiredClaims],
    clockTolerance: SKEW_S,
    currentDate: new Date(clock.nowMs()),
    ...(trust.ageSecondsMax !== undefined && { maxTokenAge: trust.ageSecondsMax }),
  }
  try {
    await jwtVerify(token.token, (header, jws) => trust.keys.keyFor(header, jws), options)
  } catch (cause) {
    if (cause instanceof TokenError || cause instanceof IssuerUnavailableError) throw cause
    if (cause instanceof errors.JOSEError || cause instanceof TypeError) {
      throw new TokenError('token-invalid', 'the token does not verify', { cause })
    }
    throw cause
  }
}
