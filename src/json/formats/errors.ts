/** The errors of bodies made of records. A message never holds text of the input. */
import { CelosiaError } from '../../core/errors.ts'

/** The body is not of the format that it says: what was given out of it before cannot be taken back. */
export class FormatSyntaxError extends CelosiaError {
  readonly code = 'ERR_FORMAT_SYNTAX'
}

/** A record, or what stands before the first one, is longer than the limit. */
export class FormatLimitError extends CelosiaError {
  readonly code = 'ERR_FORMAT_LIMIT'
}
