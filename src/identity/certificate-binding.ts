/**
 * Tokens that are bound to a client certificate (RFC 8705 3): they are for who has made the connection with it. The certificate must also
 * lead to an authority of the policy, which is asked where the connection begins.
 */
import type { ClientCertificate } from './client-certificate.ts'
import { TokenError } from './errors.ts'
import { isObject } from './strict-json.ts'
import type { Claims } from './strict-json.ts'

/** RFC 8705 3.1. */
const MEMBER = 'x5t#S256'

/** True where the token says that it is bound in this way, whatever else it says. */
export function isBoundToCertificate({ cnf }: Claims): boolean {
  return isObject(cnf) && Object.hasOwn(cnf, MEMBER)
}

/** Throws {@link TokenError} where the token is bound to another certificate, or in another way besides, which nobody would check. */
export function checkHolder(
  { cnf }: Claims,
  certificate: ClientCertificate | undefined,
  nowMs: number,
): void {
  const names = isObject(cnf) ? Object.keys(cnf) : []
  const thumbprint = isObject(cnf) ? cnf[MEMBER] : undefined
  if (names.length !== 1) throw invalid('the token is bound in several ways')
  if (certificate === undefined) throw invalid('the caller has shown no certificate')
  if (thumbprint !== certificate.thumbprint || nowMs > certificate.untilMs)
    throw invalid('the token is bound to another certificate')
}

function invalid(message: string): TokenError {
  return new TokenError('token-invalid', message)
}
