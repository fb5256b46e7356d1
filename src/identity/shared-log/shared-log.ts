/**
 * A log that every instance of the gateway and every command reads and adds to: revocations, grants. One interface, one
 * contract suite; in Redis for many machines, in files for one, in memory for tests and single processes.
 */
import { CelosiaError } from '../../core/errors.ts'

/** Longest entry, in characters. */
export const ENTRY_CHARS_MAX = 8_192

export interface SharedLog {
  /**
   * Adds one line of text and resolves once it is durable; every reader that begins to read after that is given it.
   * Throws {@link SharedLogUnavailableError}; the entry may then be there all the same.
   */
  readonly append: (entry: string) => Promise<void>
  /**
   * What this reader has not been given yet, in order; at first everything that is kept. An entry may be given again.
   * Throws {@link SharedLogUnavailableError} where it cannot be known whether there is more. One call at a time.
   */
  readonly read: () => Promise<readonly string[]>
  readonly close: () => Promise<void>
}

/** The shared logs that a gateway follows. */
export interface SharedLogs {
  readonly revocations: SharedLog
  readonly grants: SharedLog
  readonly unblocks: SharedLog
}

/** The log cannot be read or added to now, so what it says is not known. */
export class SharedLogUnavailableError extends CelosiaError {
  readonly code = 'ERR_SHARED_LOG_UNAVAILABLE'
}

/** Throws {@link SharedLogUnavailableError} for what no log takes: whoever makes entries keeps the limits. */
export function checkEntry(entry: string): void {
  if (entry.length > ENTRY_CHARS_MAX || entry === '' || /[\r\n]/.test(entry))
    throw new SharedLogUnavailableError('an entry is one line of text within the limit')
}
