/** What can be wrong with the certificates of the listener. */
import { CelosiaError } from '../../core/errors.ts'

/** A file of `listen.tls` is missing, or holds nothing that can be used. */
export class TlsInvalidError extends CelosiaError {
  readonly code = 'ERR_TLS_INVALID'
}
