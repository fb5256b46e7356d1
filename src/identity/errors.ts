/** Why a caller is not known. Each says what had been verified by then. */
import { CelosiaError } from '../core/errors.ts'
import type { Reason } from '../core/reasons.ts'

/** Why a token is not believed. */
export type TokenReason = Extract<Reason, 'token-missing' | 'token-invalid' | 'proof-invalid'>

/** The token does not verify. Nothing in it may be believed, also not its subject. */
export class TokenError extends CelosiaError {
  readonly code = 'ERR_TOKEN'
  readonly reason: TokenReason

  constructor(reason: TokenReason, message: string, options?: { readonly cause?: unknown }) {
    super(message, options)
    this.reason = reason
  }
}

/** The keys of the issuer cannot be had now, so the token can be neither believed nor refused. */
export class IssuerUnavailableError extends CelosiaError {
  readonly code = 'ERR_ISSUER_UNAVAILABLE'
}

/** Whether a proof was used before cannot be known now, so it cannot be taken. */
export class SpentProofsUnavailableError extends CelosiaError {
  readonly code = 'ERR_SPENT_PROOFS_UNAVAILABLE'
}

/** Sessions cannot be asked for or kept now. */
export class SessionsUnavailableError extends CelosiaError {
  readonly code = 'ERR_SESSIONS_UNAVAILABLE'
}

/** A login did not end as it should: the answer of the identity provider is none to this login, or a refusal. */
export class LoginError extends CelosiaError {
  readonly code = 'ERR_LOGIN'
}
