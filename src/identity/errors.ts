/** Why a caller is not known. Each says what had been verified by then. */
import { CelosiaError } from '../core/errors.ts'
import type { Reason } from '../core/reasons.ts'

/** The token does not verify. Nothing in it may be believed, also not its subject. */
export class TokenError extends CelosiaError {
  readonly code = 'ERR_TOKEN'
  readonly reason: Extract<Reason, 'token-missing' | 'token-invalid'>

  constructor(
    reason: 'token-missing' | 'token-invalid',
    message: string,
    options?: { readonly cause?: unknown },
  ) {
    super(message, options)
    this.reason = reason
  }
}

/** The keys of the issuer cannot be had now, so the token can be neither believed nor refused. */
export class IssuerUnavailableError extends CelosiaError {
  readonly code = 'ERR_ISSUER_UNAVAILABLE'
}
