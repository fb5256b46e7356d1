/** The errors of detection. */
import { CelosiaError } from '../core/errors.ts'

/** The look-up counters did not answer in time, or are full. What was added is not known. */
export class CounterUnavailableError extends CelosiaError {
  readonly code = 'ERR_COUNTER_UNAVAILABLE'
}
