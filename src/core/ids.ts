/** Ids as parameters, so that tests can fix them. */
import { randomUUIDv7 } from 'node:crypto'

/** Makes ids that sort by time: UUIDv7 (RFC 9562 5.7). */
export type IdSource = () => string

export const uuidV7: IdSource = () => randomUUIDv7()
