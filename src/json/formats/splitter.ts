/** What a body of many records is taken apart into. Types only. */

/** What a splitter makes of bytes, in order. */
export type Piece =
  /** Leaves as it is: what stands between records. Never a value. */
  | { readonly kind: 'between'; readonly bytes: Buffer }
  /** One whole JSON document, to be rewritten. */
  | {
      readonly kind: 'record'
      readonly document: Buffer
      /** From the rewritten document to what leaves. Undefined: it leaves as it is. */
      readonly write: ((document: Buffer) => Buffer) | undefined
    }

/** Takes one body apart. Synchronous; not shared. */
export interface Splitter {
  /**
   * The pieces that are whole with these bytes; `last` says that the body ends here. A record that has not come whole is
   * kept. Throws a CelosiaError (ERR_FORMAT_*, ERR_JSON_*) where the body is not of its format.
   */
  readonly take: (chunk: Uint8Array, last: boolean) => readonly Piece[]
}
