/** A row about a document, for section D. */

/** What a row says: number, name, body, and the body that leaves; undefined where nothing does. */
export type Row = readonly [id: string, name: string, body: string | Buffer, leaves: Leaves]

/** The body that leaves, or its pattern; undefined where nothing does. */
export type Leaves = string | RegExp | undefined
