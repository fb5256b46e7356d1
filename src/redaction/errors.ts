/** The errors of redaction. */
import { CelosiaError } from '../core/errors.ts'

/** The file that a run goes on from cannot be used. */
export class RedactionStateError extends CelosiaError {
  readonly code = 'ERR_REDACTION_STATE'
}

/** A run has ended before its time, with what was done so far on record. */
export class RedactionStoppedError extends CelosiaError {
  readonly code = 'ERR_REDACTION_STOPPED'
}

/** A file of labelled texts is none. Its message names the place and holds nothing of the texts. */
export class RedactionInputError extends CelosiaError {
  readonly code = 'ERR_REDACTION_INPUT'
}
