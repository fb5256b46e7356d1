/** The errors of the audit. */
import { CelosiaError } from '../core/errors.ts'

/** Records could not be made durable in time, or the store cannot be read now. Nothing may leave on account of them. */
export class AuditUnavailableError extends CelosiaError {
  readonly code = 'ERR_AUDIT_UNAVAILABLE'
}

/**
 * The store does not have the records that a batch follows on: it lost what it had acknowledged, or somebody changed it.
 * Nothing of the batch was stored.
 */
export class ChainBrokenError extends CelosiaError {
  readonly code = 'ERR_AUDIT_CHAIN_BROKEN'
}

/** A stored record cannot be read back, or a position names no place. The message names the position. */
export class AuditCorruptError extends CelosiaError {
  readonly code = 'ERR_AUDIT_CORRUPT'
  /** Where in the store. */
  readonly position: string

  constructor(position: string, what: string) {
    super(`${what} at ${JSON.stringify(position.slice(0, POSITION_CHARACTERS_MAX))}`)
    this.position = position
  }
}

const POSITION_CHARACTERS_MAX = 200
