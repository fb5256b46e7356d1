/**
 * The errors of the product: one abstract base, one literal code per class, one table that names every code.
 * A class lives in the folder that throws it; the table lives here, so that documents and tests can be held against it.
 */

/** What one code means: where it surfaces and which exit code a command ends with. */
export interface ErrorEntry {
  /** One sentence for docs/errors.md. */
  readonly meaning: string
  /** Exit code of a command that ends with this error: 2 usage, 3 policy, 4 input, 5 environment. */
  readonly exitCode: 2 | 3 | 4 | 5
}

/** Every error code. A class that extends {@link CelosiaError} carries one of these, and each is carried by a class. */
export const ERROR_CODES = {
  ERR_USAGE: { meaning: 'The command line is not one that the command takes.', exitCode: 2 },
  ERR_POLICY_INVALID: {
    meaning: 'The policy has faults; each is listed with file, line and column.',
    exitCode: 3,
  },
  ERR_NOT_SUPPORTED: {
    meaning: 'The policy asks for something that this version does not do whole.',
    exitCode: 3,
  },
  ERR_QUERY_SYNTAX: {
    meaning: 'A query is not RFC 9535; the message has the position and what was expected.',
    exitCode: 3,
  },
  ERR_QUERY_LIMIT: {
    meaning: 'A query, or all queries together, are larger than the limits allow.',
    exitCode: 3,
  },
  ERR_JSON_SYNTAX: { meaning: 'The input is not JSON (RFC 8259).', exitCode: 4 },
  ERR_JSON_ENCODING: { meaning: 'The input is not UTF-8 (RFC 3629).', exitCode: 4 },
  ERR_JSON_DEPTH: { meaning: 'The input nests deeper than the limit.', exitCode: 4 },
  ERR_JSON_KEY_LENGTH: { meaning: 'A member name is longer than the limit.', exitCode: 4 },
  ERR_JSON_STRING_LENGTH: { meaning: 'A string is longer than the limit.', exitCode: 4 },
  ERR_JSON_NUMBER_LENGTH: { meaning: 'A number is longer than the limit.', exitCode: 4 },
  ERR_JSON_HELD: {
    meaning: 'A part that must be held back to decide a query is larger than the limit.',
    exitCode: 4,
  },
  ERR_JSON_WORK: {
    meaning: 'Deciding the queries over this input takes more steps than the limit.',
    exitCode: 4,
  },
  ERR_JSON_DUPLICATE_NAME: {
    meaning:
      'An object has two members of the same name, where every reader must read the document alike.',
    exitCode: 4,
  },
  ERR_JSON_NODES: { meaning: 'A request has more values than the limit.', exitCode: 4 },
  ERR_JSON_AMBIGUOUS: {
    meaning: 'A filter would have to choose between two members of the same name.',
    exitCode: 4,
  },
  ERR_JSON_OPERATOR: {
    meaning: 'An operator failed on a value; nothing is released.',
    exitCode: 4,
  },
  ERR_FORMAT_SYNTAX: {
    meaning: 'The input is not of its format: lines, sequences, events or a table.',
    exitCode: 4,
  },
  ERR_FORMAT_LIMIT: {
    meaning: 'A record, or the header of a table, is longer than the limit.',
    exitCode: 4,
  },
  ERR_REFUSED: { meaning: 'The request was refused; the reason says why.', exitCode: 4 },
  ERR_TOKEN: { meaning: 'The token is missing or does not verify.', exitCode: 4 },
  ERR_SPENT_PROOFS_UNAVAILABLE: {
    meaning: 'Whether a proof of possession was used before cannot be known.',
    exitCode: 5,
  },
  ERR_SESSIONS_UNAVAILABLE: {
    meaning: 'Sessions of browsers cannot be asked for or kept now.',
    exitCode: 5,
  },
  ERR_LOGIN: {
    meaning: 'A login at the identity provider did not end as it should.',
    exitCode: 4,
  },
  ERR_ISSUER_UNAVAILABLE: { meaning: 'The keys of an issuer cannot be fetched.', exitCode: 5 },
  ERR_SECURITY_EVENT: { meaning: 'A security event token is not one that is taken.', exitCode: 4 },
  ERR_SHARED_LOG_UNAVAILABLE: {
    meaning: 'The log of revocations or grants cannot be read or added to now.',
    exitCode: 5,
  },
  ERR_KEY_INVALID: { meaning: 'A key is missing, too short or not readable.', exitCode: 5 },
  ERR_AUDIT_UNAVAILABLE: {
    meaning: 'A record could not be made durable in time, so the answer is withheld.',
    exitCode: 5,
  },
  ERR_AUDIT_CHAIN_BROKEN: {
    meaning: 'The audit store lacks records that it had acknowledged; a new chain is begun.',
    exitCode: 5,
  },
  ERR_AUDIT_CORRUPT: { meaning: 'A stored record cannot be read back.', exitCode: 5 },
  ERR_COUNTER_UNAVAILABLE: {
    meaning: 'The look-up counters do not answer in time, so the answer is withheld.',
    exitCode: 5,
  },
  ERR_SHIPPING_INVALID: {
    meaning:
      'The file that says where to ship the audit has faults; each is listed with file, line and column.',
    exitCode: 3,
  },
  ERR_DELIVERY: { meaning: 'A sink did not take the records that it was sent.', exitCode: 5 },
  ERR_CONNECTOR_INVALID: {
    meaning: 'A connector has faults; each is listed with file, line and column.',
    exitCode: 3,
  },
  ERR_CONNECTOR: {
    meaning: 'A helpdesk cannot be reached, or answers what its connector does not expect.',
    exitCode: 5,
  },
  ERR_REDACTION_INPUT: { meaning: 'A file of labelled texts is none.', exitCode: 4 },
  ERR_REDACTION_STATE: {
    meaning: 'The file that a redaction goes on from cannot be used.',
    exitCode: 4,
  },
  ERR_REDACTION_STOPPED: {
    meaning: 'A redaction ended before its time; what was done is on record.',
    exitCode: 5,
  },
  ERR_TLS_INVALID: {
    meaning: 'A file of `listen.tls` is missing, cannot be used, or asks for another listener.',
    exitCode: 5,
  },
  ERR_LISTEN: { meaning: 'The gateway cannot listen on the address asked for.', exitCode: 5 },
} as const satisfies Record<`ERR_${string}`, ErrorEntry>

/** A code of {@link ERROR_CODES}. Codes are stable; messages are not. */
export type ErrorCode = keyof typeof ERROR_CODES

/** Base of every error that the product throws on purpose. Callers tell errors apart by `code`, never by message. */
export abstract class CelosiaError extends Error {
  abstract readonly code: ErrorCode

  constructor(message: string, options?: { readonly cause?: unknown }) {
    super(message, options)
    this.name = new.target.name
  }
}

/** The exit code that a command ends with after this error: the table's, or 1 for what is not ours. */
export function exitCodeOf(error: unknown): number {
  return error instanceof CelosiaError ? ERROR_CODES[error.code].exitCode : 1
}
