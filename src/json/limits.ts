/** The bounds of one document's run. Every one has its own error code, named beside it. */

export interface Limits {
  /** Nesting of objects and arrays. ERR_JSON_DEPTH. */
  readonly depthMax: number
  /** Bytes of a member name as written, without quotes. ERR_JSON_KEY_LENGTH. */
  readonly keyBytesMax: number
  /** Bytes of a string as written, without quotes, where it must be held to be edited. ERR_JSON_STRING_LENGTH. */
  readonly stringBytesMax: number
  /** Bytes of a number. ERR_JSON_NUMBER_LENGTH. */
  readonly numberBytesMax: number
  /** Bytes held back to decide filters, indices from the end and queries from the root. ERR_JSON_HELD. */
  readonly heldBytesMax: number
  /** Steps of filter evaluation in one document (a node visited is a step). ERR_JSON_WORK. */
  readonly filterStepsMax: number
  /** States of the automaton before it is flushed and built anew; no error, only time. */
  readonly statesMax: number
  /** Distinct (scope, id) pairs whose exposures are kept apart. */
  readonly scopeIdsMax: number
  /** Nested documents inside strings (JSON in a string, base64), one inside the other. ERR_JSON_DEPTH. */
  readonly nestedDocumentsMax: number
}

export const DEFAULT_LIMITS: Limits = {
  depthMax: 512,
  keyBytesMax: 4_096,
  stringBytesMax: 4_194_304,
  numberBytesMax: 1_024,
  heldBytesMax: 4_194_304,
  filterStepsMax: 2_000_000,
  statesMax: 4_096,
  scopeIdsMax: 5_000,
  nestedDocumentsMax: 4,
}
