/** What can be wrong with a key. Never with a byte of the key in the message. */
import { CelosiaError } from '../core/errors.ts'

/** A key is missing, too short, not readable, or evidently not random. Nothing was computed with it. */
export class KeyInvalidError extends CelosiaError {
  readonly code = 'ERR_KEY_INVALID'
}
