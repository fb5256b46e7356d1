/** The errors of json/. A message never holds text of the input, only offsets and limits. */
import { CelosiaError } from '../core/errors.ts'

/** Deciding the queries takes more steps than `Limits.filterStepsMax`. Nothing was decided. */
export class JsonWorkError extends CelosiaError {
  readonly code = 'ERR_JSON_WORK'

  constructor() {
    super('deciding the queries over this document takes more steps than the limit')
  }
}

/**
 * A filter looks into an object where the name that it asks for stands twice, so that readers of the document could
 * disagree on the answer. Nothing was decided.
 */
export class JsonAmbiguousError extends CelosiaError {
  readonly code = 'ERR_JSON_AMBIGUOUS'
  /** Where the object begins, in bytes from the start of the bytes that the tape was built over. */
  readonly offset: number

  constructor(offset: number) {
    super(
      `a filter looks into the object at byte ${offset}, which has two members of the same name`,
    )
    this.offset = offset
  }
}

/** The document is refused because of what stands at `offset`. What was returned before it cannot be taken back. */
export abstract class JsonInputError extends CelosiaError {
  /** In bytes from the start of the document. */
  readonly offset: number
  readonly #fault: string

  constructor(offset: number, fault: string, options?: { readonly cause?: unknown }) {
    super(`at byte ${offset}: ${fault}`, options)
    this.offset = offset
    this.#fault = fault
  }

  /** The same error `by` bytes further on: scanners count from the start of the bytes at hand. */
  moved(by: number): JsonInputError {
    const Same = this.constructor as new (offset: number, fault: string, options?: object) => this
    return by === 0 ? this : new Same(this.offset + by, this.#fault, { cause: this.cause })
  }
}

/** The input is not JSON (RFC 8259). */
export class JsonSyntaxError extends JsonInputError {
  readonly code = 'ERR_JSON_SYNTAX'
}

/** The input is not UTF-8 (RFC 3629). `offset` is where the piece of bytes begins that is not. */
export class JsonEncodingError extends JsonInputError {
  readonly code = 'ERR_JSON_ENCODING'
}

/** Objects and arrays nest deeper than `Limits.depthMax`. */
export class JsonDepthError extends JsonInputError {
  readonly code = 'ERR_JSON_DEPTH'
}

/** A member name is longer than `Limits.keyBytesMax`. */
export class JsonKeyLengthError extends JsonInputError {
  readonly code = 'ERR_JSON_KEY_LENGTH'
}

/** A string that must be held to be edited is longer than `Limits.stringBytesMax`. */
export class JsonStringLengthError extends JsonInputError {
  readonly code = 'ERR_JSON_STRING_LENGTH'
}

/** A number is longer than `Limits.numberBytesMax`. */
export class JsonNumberLengthError extends JsonInputError {
  readonly code = 'ERR_JSON_NUMBER_LENGTH'
}

/** What must be held back to decide a query, or a member whose value has not begun, is longer than `Limits.heldBytesMax`. */
export class JsonHeldError extends JsonInputError {
  readonly code = 'ERR_JSON_HELD'
}

/** An object has two members of one name, where the document is one that every reader must read alike. */
export class JsonDuplicateNameError extends JsonInputError {
  readonly code = 'ERR_JSON_DUPLICATE_NAME'
}

/** A document that is held as a whole has more values than its limit. */
export class JsonNodesError extends JsonInputError {
  readonly code = 'ERR_JSON_NODES'
}

/** An operator threw, or answered with what is no JSON. `cause` is what it threw. */
export class JsonOperatorError extends JsonInputError {
  readonly code = 'ERR_JSON_OPERATOR'
}
